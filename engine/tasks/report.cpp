#include "engine/report/report.h"

#include <fstream>
#include <sstream>

#include "engine/store/commit.h"
#include "engine/tasks/tasks.h"

namespace consilience::engine {
namespace {

constexpr int kReportVersion =
    2;  // raise it when the page changes, so that finished studies get the new one

std::filesystem::path stamp_file(const StudyContext& context) {
  return report_folder(context) / "inputs.json";
}

/// What the report was made from: equal text, equal report.
std::string stamp(StudyContext& context, const Task& task) {
  Json records = Json::array();
  for (const auto& other : make_plan(context.inputs()))
    if (other.kind == "infer") records.push_back(context.inference_record(other));
  return canonical_json({{"task", task.id}, {"results", records}, {"version", kReportVersion}});
}

}  // namespace

std::filesystem::path report_folder(const StudyContext& context) {
  return context.store().root() / "reports" / context.study().name;
}

bool report_done(StudyContext& context, const Task& task) {
  if (!std::filesystem::exists(report_folder(context) / "index.html")) return false;
  std::ifstream in(stamp_file(context));
  std::stringstream text;
  text << in.rdbuf();
  return text.str() == stamp(context, task);
}

void run_report(StudyContext& context, const Task& task) {
  write_report(report_folder(context), collect_result(context));
  TempFile stamp_writer = TempFile::beside(stamp_file(context));
  stamp_writer.write(stamp(context, task));
  stamp_writer.publish_by_rename(stamp_file(context));
}

}  // namespace consilience::engine
