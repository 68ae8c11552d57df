#include <fmt/format.h>

#include <filesystem>

#include "engine/base/progress.h"
#include "engine/store/list.h"
#include "engine/store/verify.h"
#include "kernels/base/error.h"
#include "tools/cli/command.h"
#include "tools/cli/text.h"

namespace consilience::cli {
namespace {

int list(const std::string& path, const Globals& globals) {
  const auto entries = engine::list_store(engine::Store(path, engine::Store::Access::read));
  if (globals.json) {
    engine::Json rows = engine::Json::array();
    for (const auto& e : entries)
      rows.push_back({{"kind", e.kind},
                      {"name", e.name},
                      {"items", e.items},
                      {"rows", e.rows},
                      {"bytes", e.bytes},
                      {"note", e.note}});
    print_json(rows);
    return 0;
  }
  print(fmt::format("{:<10}{:<44}{:>7}{:>9}{:>11}  {}\n", "kind", "name", "items", "rows", "size",
                    "note"));
  for (const auto& e : entries)
    print(fmt::format("{:<10}{:<44}{:>7}{:>9}{:>11}  {}\n", e.kind, e.name, e.items,
                      e.rows == 0 ? "" : fmt::format("{}", e.rows), bytes_text(e.bytes), e.note));
  return 0;
}

int verify(const std::string& path, const Globals& globals) {
  const engine::Store store(path, engine::Store::Access::read);
  engine::Progress progress("verify", 0, "bytes", globals.quiet || globals.json);
  const auto check = engine::verify_store(store, [&](int64_t bytes) { progress.advance(bytes); });
  progress.finish();
  if (globals.json) {
    engine::Json problems = engine::Json::array();
    for (const auto& p : check.problems) problems.push_back({{"file", p.file}, {"what", p.what}});
    print_json({{"files", check.files},
                {"bytes", check.bytes},
                {"problems", problems},
                {"unreferenced", check.unreferenced}});
  } else {
    for (const auto& p : check.problems) print(fmt::format("{}: {}\n", p.file, p.what));
    for (const auto& file : check.unreferenced)
      print(fmt::format("{}: no record names it (harmless)\n", file));
    print(fmt::format("{} files, {} read, {} problems\n", check.files, bytes_text(check.bytes),
                      check.problems.size()));
  }
  return check.problems.empty() ? 0 : static_cast<int>(Failure::never);
}

}  // namespace

void add_store(CLI::App& app, Globals& globals, Action& action) {
  CLI::App* store = add_verb(app, "store", "list or check a store", "");
  store->require_subcommand(1);
  auto path = std::make_shared<std::string>("store");
  CLI::App* ls = add_verb(*store, "ls", "what is in it", "consilience store ls");
  ls->add_option("store", *path, "its folder")->capture_default_str();
  ls->callback([=, &globals, &action] { action = [=, &globals] { return list(*path, globals); }; });
  CLI::App* check =
      add_verb(*store, "verify", "re-read every checksum", "consilience store verify store");
  check->add_option("store", *path, "its folder")->capture_default_str();
  check->callback(
      [=, &globals, &action] { action = [=, &globals] { return verify(*path, globals); }; });
}

}  // namespace consilience::cli
