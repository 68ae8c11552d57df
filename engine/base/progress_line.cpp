#include "engine/base/progress_line.h"

#include <fmt/format.h>

namespace consilience::engine {
namespace {

std::string duration(double seconds) {
  const auto whole = static_cast<int64_t>(seconds + 0.5);
  if (whole < 120) return fmt::format("{} s", whole);
  if (whole < 7200) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
}

std::string rate(const ProgressState& state) {
  if (state.seconds <= 0 || state.done == 0) return "";
  return fmt::format(", {:.1f}/s", static_cast<double>(state.done) / state.seconds);
}

std::string note(const ProgressState& state) {
  return state.note.empty() ? "" : fmt::format(" ({})", state.note);
}

}  // namespace

std::string progress_line(const ProgressState& state) {
  std::string text = fmt::format("{}: {}", state.label, state.done);
  if (state.total > 0) text += fmt::format("/{}", state.total);
  text += fmt::format(" {}{}", state.unit, rate(state));
  if (state.done > 0 && state.total > state.done) {
    const double left = static_cast<double>(state.total - state.done) * state.seconds /
                        static_cast<double>(state.done);
    text += fmt::format(", {} left", duration(left));
  }
  return text + note(state);
}

std::string finish_line(const ProgressState& state) {
  return fmt::format("{}: {} {} in {:.1f} s{}{}", state.label, state.done, state.unit,
                     state.seconds, rate(state), note(state));
}

}  // namespace consilience::engine
