#pragma once

namespace consilience::engine {

/// SIGINT and SIGTERM ask for a stop; a second one ends the process at once.
void install_cancel_signals();
[[nodiscard]] bool cancelled();
/// Throws Error(cancelled) once a stop was asked for. Long loops call it between batches.
void throw_if_cancelled();
/// For tests.
void request_cancel();
void clear_cancel();

}  // namespace consilience::engine
