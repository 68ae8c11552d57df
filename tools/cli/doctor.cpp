#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "engine/base/cpu.h"
#include "engine/base/subprocess.h"
#include "engine/zoo.h"
#include "kernels/base/devices.h"
#include "kernels/base/error.h"
#include "models/runner.h"
#include "tools/cli/command.h"

namespace consilience::cli {
namespace {

struct Finding {
  std::string what, value;
  bool good;
  std::string advice;
};

Finding exporter() {
  const std::string python = engine::python().string();
  if (!std::filesystem::exists(python))
    return {"exporter", "no Python at " + python, false, "tools/setup, or set CONSILIENCE_PYTHON"};
  const auto result = engine::run_process(
      {python, "-c",
       "import importlib.util as u, sys; sys.exit(u.find_spec('consilience_export') is None)"});
  return {"exporter", python, result.exit_code == 0, "tools/setup installs consilience_export"};
}

Finding disk(const std::string& store) {
  std::error_code error;
  const auto space = std::filesystem::space(std::filesystem::exists(store) ? store : ".", error);
  const double free_gb = static_cast<double>(space.available) / 1e9;
  return {"free disk", fmt::format("{:.1f} GB", free_gb), !error && free_gb > 1,
          "the store needs room"};
}

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// "580.65.06, serves CUDA 13.0": as the driver and the runtime tell it.
std::string driver_text(const kernels::CudaInstallation& cuda) {
  if (cuda.driver == 0) return "none";
  const std::string release = kernels::driver_release(text_of("/proc/driver/nvidia/version"));
  return fmt::format("{}serves CUDA {}", release.empty() ? "" : release + ", ",
                     kernels::cuda_version_text(cuda.driver));
}

/// A machine without a GPU is a good one; a GPU that can't be used is not.
void add_cuda(std::vector<Finding>& findings) {
  const kernels::CudaInstallation cuda = kernels::describe_cuda();
  if (!kernels::built_with_cuda()) {
    findings.push_back({"CUDA", "not built in (no nvcc): CPU only", true, ""});
    return;
  }
  findings.push_back({"CUDA",
                      fmt::format("{} built in, needs driver {} or newer",
                                  kernels::cuda_version_text(cuda.runtime),
                                  kernels::minimum_driver_release(cuda.runtime)),
                      true, ""});
  findings.push_back(
      {"driver", driver_text(cuda), cuda.driver == 0 || cuda.problem.empty(), cuda.problem});
  for (const auto& device : cuda.devices)
    findings.push_back(
        {fmt::format("cuda:{}", device.number),
         fmt::format("{}, {:.1f} GB, compute capability {}.{}", device.name,
                     static_cast<double>(device.memory_bytes) / 1e9, device.major, device.minor),
         true, ""});
}

int doctor(const std::string& store, const Globals& globals) {
  const auto packages = engine::list_packages(std::filesystem::path(store) / "models");
  std::vector<Finding> findings = {
      {"version", "0.1.0", true, ""},
      {"processor",
       fmt::format("{} cores, {}", std::thread::hardware_concurrency(), engine::cpu_isa()), true,
       ""},
      {"LibTorch", models::torch_version(), true, ""},
      exporter(),
      {"zoo families", engine::zoo_folder().string(), std::filesystem::exists(engine::zoo_folder()),
       "set CONSILIENCE_ZOO"},
      {"packages", fmt::format("{} in {}/models", packages.size(), store), !packages.empty(),
       "tools/setup makes the demo zoo"},
      disk(store),
  };
  add_cuda(findings);
  engine::Json rows = engine::Json::array();
  bool good = true;
  for (const auto& f : findings) {
    good = good && f.good;
    rows.push_back({{"what", f.what},
                    {"value", f.value},
                    {"good", f.good},
                    {"advice", f.good ? "" : f.advice}});
    if (!globals.json)
      print(fmt::format("{:<4}{:<14}{}{}\n", f.good ? "ok" : "!!", f.what, f.value,
                        f.good ? "" : "  -> " + f.advice));
  }
  if (globals.json) print_json(rows);
  return good ? 0 : static_cast<int>(Failure::never);
}

}  // namespace

void add_doctor(CLI::App& app, Globals& globals, Action& action) {
  CLI::App* verb = add_verb(app, "doctor", "say what this machine and installation can do",
                            "consilience doctor");
  auto store = std::make_shared<std::string>("store");
  verb->add_option("--store", *store, "the store")->capture_default_str();
  verb->callback(
      [=, &globals, &action] { action = [=, &globals] { return doctor(*store, globals); }; });
}

}  // namespace consilience::cli
