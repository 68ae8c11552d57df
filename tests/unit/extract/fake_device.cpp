#include "tests/unit/extract/fake_device.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "kernels/base/error.h"
#include "models/pixel_recipe.h"

namespace consilience::engine {

using models::Buffer;
using models::Event;
using models::Queue;

struct FakeDevice::Memory : Buffer {
  Memory(FakeDevice& owner, int64_t size, bool device)
      : fake(owner), content(static_cast<size_t>(size), std::byte{0xA5}), on_device(device) {
    ++fake.live_buffers;
    if (on_device) fake.used_ += size;
    fake.most_used_ = std::max(fake.most_used_, fake.used_);
  }
  ~Memory() override {
    fake.check_freed(*this);
    --fake.live_buffers;
    if (on_device) fake.used_ -= bytes();
  }
  [[nodiscard]] std::byte* data() override { return content.data(); }
  [[nodiscard]] int64_t bytes() const override { return std::ssize(content); }

  FakeDevice& fake;
  std::vector<std::byte> content;
  bool on_device;
};

struct FakeDevice::Moment {
  bool reached = false;
};

struct FakeDevice::Mark : Event {
  Mark(FakeDevice& owner, std::shared_ptr<Moment> when) : fake(owner), moment(std::move(when)) {
    ++fake.live_events;
  }
  ~Mark() override { --fake.live_events; }
  FakeDevice& fake;
  std::shared_ptr<Moment> moment;
};

FakeDevice::~FakeDevice() {
  EXPECT_EQ(live_buffers, 0);
  EXPECT_EQ(live_events, 0);
}

void FakeDevice::enter() {
  const int64_t call = calls++;
  if (before_call) before_call(call);
  for (auto steps = eager ? ~uint64_t{0} : random_() % 3; steps > 0 && step(); --steps) {
  }
  if (!broken_.empty()) fail(Failure::never, "{}", broken_);
}

/// The next piece of work of a random queue that does not wait; false when there is none.
bool FakeDevice::step() {
  std::vector<std::deque<Work>*> ready;
  for (auto& line : queues_)
    if (!line.empty() && (!line.front().after || line.front().after->reached))
      ready.push_back(&line);
  if (ready.empty()) return false;
  auto& line = *ready[random_() % ready.size()];
  const Work work = std::move(line.front());
  line.pop_front();
  if (work_done++ == broken_work) {
    broken_ = "the device is lost";
    for (auto& each : queues_) each.clear();
    return false;
  }
  work.act();
  return true;
}

void FakeDevice::queue(Queue where, Work work) {
  queues_[static_cast<size_t>(where)].push_back(std::move(work));
}

void FakeDevice::check_freed(const Buffer& buffer) const {
  for (const auto& line : queues_)
    for (const Work& work : line)
      EXPECT_EQ(std::ranges::count(work.touched, &buffer), 0) << "freed while work on it waits";
}

void FakeDevice::need(int64_t bytes) {
  if (weights + used_ + bytes > capacity)
    fail(Failure::out_of_memory, "out of memory: {} bytes more", bytes);
  most_used_ = std::max(most_used_, used_ + bytes);
}

std::unique_ptr<Buffer> FakeDevice::take(int64_t bytes, bool on_device) {
  enter();
  if (on_device) need(bytes);
  ++allocations;
  return std::make_unique<Memory>(*this, bytes, on_device);
}

std::unique_ptr<Buffer> FakeDevice::allocate_pinned(int64_t bytes) { return take(bytes, false); }

/// What still used the memory is written over it when `first` gets there.
std::unique_ptr<Buffer> FakeDevice::allocate(int64_t bytes, Queue first) {
  auto buffer = take(bytes, true);
  Buffer* given = buffer.get();
  queue(first, {[given] { std::memset(given->data(), 0x5A, static_cast<size_t>(given->bytes())); },
                {given},
                nullptr});
  return buffer;
}

void FakeDevice::upload(Buffer& from, Buffer& to, int64_t bytes) {
  enter();
  queue(Queue::upload,
        {[&from, &to, bytes] { std::memcpy(to.data(), from.data(), static_cast<size_t>(bytes)); },
         {&from, &to},
         nullptr});
}

void FakeDevice::download(Buffer& from, Buffer& to, int64_t bytes) {
  enter();
  queue(Queue::download, {[this, &from, &to, bytes] {
                            std::memcpy(to.data(), from.data(), static_cast<size_t>(bytes));
                            --under_way_;
                          },
                          {&from, &to},
                          nullptr});
}

void FakeDevice::upload_pictures(std::span<const kernels::ConstPicture> pictures, Buffer& to) {
  enter();
  const kernels::PictureRecipe recipe = models::picture_recipe(*card().pixels);
  std::vector<float> values(pictures.size() * 3 * static_cast<size_t>(recipe.crop * recipe.crop));
  kernels::prepare_pictures({kernels::Backend::cpu, 1}, pictures, recipe, values);
  queue(Queue::upload, {[&to, values = std::move(values)] {
                          std::memcpy(to.data(), values.data(), values.size() * sizeof(float));
                        },
                        {&to},
                        nullptr});
}

void FakeDevice::run(int64_t batch, int64_t tokens, Buffer& input, Buffer& features,
                     std::function<models::BatchFeatures()> model) {
  enter();
  if (before_run) before_run(batch);
  need(tokens * bytes_a_token);
  runs.push_back(batch);
  most_under_way = std::max(most_under_way, ++under_way_);
  queue(Queue::compute, {[this, batch, &features, model = std::move(model)] {
                           const models::BatchFeatures found = model();
                           auto* out = reinterpret_cast<float*>(features.data());
                           const size_t poolings = card().poolings.size();
                           for (size_t l = 0; l < found.layers.size(); l += poolings)
                             for (int64_t b = 0; b < batch; ++b)
                               for (size_t p = 0; p < poolings; ++p)
                                 out = std::ranges::copy(found.layers[l + p].row(b), out).out;
                           for (int64_t b = 0; b < found.scalars.rows(); ++b)
                             out = std::ranges::copy(found.scalars.row(b), out).out;
                         },
                         {&input, &features},
                         nullptr});
}

void FakeDevice::run_tokens(Buffer& tokens, int64_t batch, int64_t length, Buffer& features) {
  run(batch, batch * length, tokens, features, [this, &tokens, batch, length] {
    const auto* ids = reinterpret_cast<const int64_t*>(tokens.data());
    const auto size = static_cast<size_t>(batch * length);
    return model_.run(models::TokenBatch{{ids, size}, {ids + size, size}, batch, length});
  });
}

void FakeDevice::run_pixels(Buffer& pixels, int64_t batch, Buffer& features) {
  run(batch, batch, pixels, features, [this, &pixels, batch] {
    const int64_t side = card().pixels->crop;
    const auto* values = reinterpret_cast<const float*>(pixels.data());
    return model_.run(models::PixelBatch{
        {values, static_cast<size_t>(batch * 3 * side * side)}, batch, side, side});
  });
}

void FakeDevice::run_audio(Buffer& waveforms, int64_t batch, int64_t samples, Buffer& features) {
  run(batch, batch * samples, waveforms, features, [this, &waveforms, batch, samples] {
    const auto* values = reinterpret_cast<const float*>(waveforms.data());
    return model_.run(
        models::AudioBatch{{values, static_cast<size_t>(batch * samples)}, batch, samples});
  });
}

std::unique_ptr<Event> FakeDevice::record(Queue where) {
  enter();
  auto moment = std::make_shared<Moment>();
  queue(where, {[moment] { moment->reached = true; }, {}, nullptr});
  return std::make_unique<Mark>(*this, std::move(moment));
}

void FakeDevice::hold_back(Queue where, Event& event) {
  enter();
  queue(where, {[] {}, {}, static_cast<Mark&>(event).moment});
}

bool FakeDevice::reached(Event& event) {
  enter();
  return static_cast<Mark&>(event).moment->reached;
}

void FakeDevice::wait(Event& event) {
  enter();
  const auto moment = static_cast<Mark&>(event).moment;
  while (!moment->reached && step()) {
  }
  if (!broken_.empty()) fail(Failure::never, "{}", broken_);
  EXPECT_TRUE(moment->reached) << "waits for ever";
}

void FakeDevice::wait_for_all() {
  enter();
  while (step()) {
  }
  if (!broken_.empty()) fail(Failure::never, "{}", broken_);
}

models::DeviceMemory FakeDevice::memory() {
  enter();
  return {capacity - weights - used_, weights + used_, weights + most_used_};
}

void FakeDevice::forget_unused() {
  enter();
  most_used_ = used_;
}

}  // namespace consilience::engine
