#pragma once
#include <filesystem>

#include "engine/schedule/task.h"
#include "engine/tasks/context.h"
#include "engine/types/study_result.h"

namespace consilience::engine {

bool extract_done(StudyContext& context, const Task& task);
void run_extract(StudyContext& context, const Task& task);
/// Drops features that no task needs any more, where the study says so (keep = "graphs" or
/// "scores").
void release_features(StudyContext& context, const Task& task);

bool graph_done(StudyContext& context, const Task& task);
void run_graph(StudyContext& context, const Task& task);
/// Drops graphs that no task needs any more, where the study says so (keep = "scores").
void release_graphs(StudyContext& context, const Task& task);

bool compare_done(StudyContext& context, const Task& task);
void run_compare(StudyContext& context, const Task& task);

bool infer_done(StudyContext& context, const Task& task);
void run_infer(StudyContext& context, const Task& task);

bool report_done(StudyContext& context, const Task& task);
void run_report(StudyContext& context, const Task& task);

/// Everything that a finished study's report shows, read back from the store.
[[nodiscard]] StudyResult collect_result(StudyContext& context);
/// "computed in bf16, kept in f32"; of the models one by one where their cards say it.
[[nodiscard]] std::string precision_text(const StudyContext& context);
/// reports/<study>
[[nodiscard]] std::filesystem::path report_folder(const StudyContext& context);

/// The functions above, as the scheduler takes them.
[[nodiscard]] TaskTable task_table(StudyContext& context);

}  // namespace consilience::engine
