#pragma once
#include <boost/context/detail/fcontext.hpp>
#include <cstddef>

namespace consilience::cuda_emulator {

/// A stack of its own, between pages that fault, on which functions run that may pause. Stays on
/// the OS thread that made it.
class Fibre {
 public:
  using Body = void (*)(void*);

  Fibre();
  ~Fibre();  ///< also in the middle of a paused function, which is then forgotten
  Fibre(const Fibre&) = delete;
  Fibre& operator=(const Fibre&) = delete;

  /// Runs body(argument), which throws nothing, until it ends or pauses. True when it has ended.
  bool run(Body body, void* argument);
  /// Goes on with what paused.
  bool resume();
  /// Called on this fibre: back to whoever called run or resume.
  void pause();

 private:
  static void loop(boost::context::detail::transfer_t from);
  void leave();

  char* memory_;
  Body body_ = nullptr;
  void* argument_ = nullptr;
  bool ended_ = true;
  boost::context::detail::fcontext_t inside_;
  boost::context::detail::fcontext_t outside_ = nullptr;
  // What AddressSanitizer must know of both stacks.
  void* inside_shadow_ = nullptr;
  const void* outside_stack_ = nullptr;
  size_t outside_size_ = 0;
};

}  // namespace consilience::cuda_emulator
