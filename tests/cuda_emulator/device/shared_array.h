#pragma once
#include <concepts>
#include <cstdint>

#include "tests/cuda_emulator/device_thread.h"

namespace consilience::cuda_emulator {

/// An array in shared memory: every index is checked, and it becomes a pointer like a plain one.
template <typename T>
class SharedArray {
 public:
  SharedArray(const void* declaration, const char* name, int64_t count, Where declared)
      : data_(static_cast<T*>(shared_memory(declaration, static_cast<size_t>(count) * sizeof(T),
                                            alignof(T), declared))),
        count_(count),
        name_(name),
        declared_(declared) {}

  template <std::integral Index>
  T& operator[](Index index) const {
    const auto i = static_cast<int64_t>(index);
    if (i < 0 || i >= count_) fail_index(name_, i, count_, declared_);
    return data_[i];
  }
  operator T*() const { return data_; }  // NOLINT(google-explicit-constructor)

 private:
  T* data_;
  int64_t count_;
  const char* name_;
  Where declared_;
};

}  // namespace consilience::cuda_emulator

/// The lambda gives every declaration, and every instance of a template, an address of its own.
#define SHARED(type, name, count)                             \
  const ::consilience::cuda_emulator::SharedArray<type> name( \
      [] {                                                    \
        static char declaration;                              \
        return static_cast<const void*>(&declaration);        \
      }(),                                                    \
      #name, static_cast<int64_t>(count), ::consilience::cuda_emulator::Where::current())
