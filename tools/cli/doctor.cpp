#include <fmt/format.h>

#include <filesystem>
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

int doctor(const std::string& store, const Globals& globals) {
  const int devices = kernels::cuda_device_count();
  const auto packages = engine::list_packages(std::filesystem::path(store) / "models");
  const std::vector<Finding> findings = {
      {"version", "0.1.0", true, ""},
      {"processor",
       fmt::format("{} cores, {}", std::thread::hardware_concurrency(), engine::cpu_isa()), true,
       ""},
      {"LibTorch", models::torch_version(), true, ""},
      {"CUDA",
       kernels::built_with_cuda()
           ? fmt::format("built in, {} device{}", devices, devices == 1 ? "" : "s")
           : "not built in (no nvcc): CPU only",
       true, ""},
      exporter(),
      {"zoo families", engine::zoo_folder().string(), std::filesystem::exists(engine::zoo_folder()),
       "set CONSILIENCE_ZOO"},
      {"packages", fmt::format("{} in {}/models", packages.size(), store), !packages.empty(),
       "tools/setup makes the demo zoo"},
      disk(store),
  };
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
