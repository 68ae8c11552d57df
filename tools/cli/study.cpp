#include "engine/study.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "kernels/base/error.h"
#include "tools/cli/command.h"

namespace consilience::cli {

void add_study(CLI::App& app, Globals&, Action& action) {
  CLI::App* study = add_verb(app, "study", "write or check a study file", "");
  study->require_subcommand(1);

  auto path = std::make_shared<std::string>("study.toml");
  CLI::App* init = add_verb(*study, "init", "write a commented study file with every key",
                            "consilience study init my-study.toml");
  init->add_option("file", *path, "where to write it; - for stdout")->capture_default_str();
  init->callback([path, &action] {
    action = [path] {
      if (*path == "-") {
        print(engine::study_template());
        return 0;
      }
      if (std::filesystem::exists(*path))
        fail(Failure::usage, "{}: is there already; name another file", *path);
      std::ofstream out(*path);
      out << engine::study_template() << std::flush;
      if (!out) fail(Failure::never, "{}: can't be written", *path);
      fmt::print(stderr, "wrote {}: edit it, then consilience run {}\n", *path, *path);
      return 0;
    };
  });

  CLI::App* check = add_verb(*study, "check", "read a study file and say what is wrong",
                             "consilience study check my-study.toml");
  check->add_option("file", *path, "the study")->required();
  check->callback([path, &action] {
    action = [path] {
      print_json(engine::study_json(engine::read_study(*path)));
      return 0;
    };
  });
}

}  // namespace consilience::cli
