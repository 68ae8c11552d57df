#include "tools/cli/device_flag.h"

#include "kernels/base/devices.h"

namespace consilience::cli {

DeviceFlag::DeviceFlag(CLI::App& verb) : words_(std::make_shared<std::string>("cpu")) {
  verb.add_option("--device", *words_,
                  "cpu, cuda (the first device), cuda:1, cuda:0-3 or cuda:all; neighbour lists are "
                  "the same on each")
      ->capture_default_str();
}

kernels::Context DeviceFlag::named(const Globals& globals) const {
  kernels::Context context = kernels::parse_device(*words_);
  context.threads = globals.threads;
  return context;
}

kernels::Context DeviceFlag::usable(const Globals& globals) const {
  const kernels::Context context = named(globals);
  kernels::require_devices(context);
  return context;
}

}  // namespace consilience::cli
