#include "kernels/ops/resize.h"

#include "kernels/ops/backends.h"

namespace consilience::kernels {

void resize(const Context& context, ConstPicture in, Resampling how, MutablePicture out) {
  expect(in.data != nullptr && in.width > 0 && in.height > 0,
         "resize: the picture is {} x {}, expected at least 1 x 1", in.width, in.height);
  expect(out.data != nullptr && out.width > 0 && out.height > 0,
         "resize: the size asked for is {} x {}, expected at least 1 x 1", out.width, out.height);
  dispatch(
      context, [&] { reference::resize(context, in, how, out); },
      [&] { cpu::resize(context, in, how, out); }, [&] { cuda::resize(context, in, how, out); });
}

}  // namespace consilience::kernels
