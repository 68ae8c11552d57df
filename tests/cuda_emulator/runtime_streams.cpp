#include <string>

#include "tests/cuda_emulator/fault.h"
#include "tests/cuda_emulator/machine.h"
#include "tests/cuda_emulator/status.h"

/// Streams and events.
using namespace consilience::cuda_emulator;

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags) {
  return answer([&] {
    if (flags != cudaStreamNonBlocking) {
      throw Fault("cudaStreamCreateWithFlags: the emulator knows cudaStreamNonBlocking only");
    }
    *stream = Machine::get().make_stream(current_device());
    return cudaSuccess;
  });
}
cudaError_t cudaStreamCreateWithPriority(cudaStream_t* stream, unsigned flags, int) {
  return cudaStreamCreateWithFlags(stream, flags);
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  return answer([&] {
    return Machine::get().destroy(stream) ? cudaSuccess : cudaErrorInvalidResourceHandle;
  });
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  return answer([&] { return Machine::get().synchronize(stream); });
}
cudaError_t cudaStreamQuery(cudaStream_t stream) {
  return answer([&] { return Machine::get().query(stream); });
}
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
  return answer([&] { return Machine::get().hold_back(stream, event); });
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
  return answer([&] {
    *event = Machine::get().make_event(current_device());
    return cudaSuccess;
  });
}
cudaError_t cudaEventCreate(cudaEvent_t* event) {
  return cudaEventCreateWithFlags(event, cudaEventDefault);
}
cudaError_t cudaEventDestroy(cudaEvent_t event) {
  return answer(
      [&] { return Machine::get().destroy(event) ? cudaSuccess : cudaErrorInvalidResourceHandle; });
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  return answer([&] { return Machine::get().record(event, stream); });
}
cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  return answer([&] { return Machine::get().synchronize(event); });
}
cudaError_t cudaEventQuery(cudaEvent_t event) {
  return answer([&] { return Machine::get().query(event); });
}
