#include <fmt/format.h>

#include "engine/report/format.h"
#include "engine/report/html_parts.h"
#include "engine/report/sections.h"

namespace consilience::engine {
namespace {

std::string tags(const ModelSummary& model) {
  std::string out;
  if (!model.quantised_from.empty()) out += "<span class=\"tag\">dequantised</span>";
  if (!model.derived.empty()) out += "<span class=\"tag\">derived</span>";
  if (!model.supervised_on.empty()) out += "<span class=\"tag\">supervised</span>";
  return out;
}

/// What the tags stand for, and the card's notes.
std::string remarks(const ModelSummary& model) {
  std::string out;
  const auto add = [&](std::string_view what, const std::string& text) {
    if (text.empty()) return;
    if (!out.empty()) out += "; ";
    out += fmt::format("{}{}", what, text);
  };
  add("twin of ", model.twin_of);
  add("weights dequantised from ", model.quantised_from);
  add("derived: ", model.derived);
  add("labels: ", model.supervised_on);
  if (model.bits_per_byte > 0)
    add("", fmt::format("{:.3f} bits per byte on these captions", model.bits_per_byte));
  if (model.truncated > 0 && model.max_seconds > 0)
    add("", fmt::format("{} longer than {:.1f} s, cut there", counted(model.truncated, "recording"),
                        model.max_seconds));
  else if (model.truncated > 0)
    add("", fmt::format("{} longer than {} tokens, cut there", counted(model.truncated, "caption"),
                        model.max_tokens));
  add("", model.notes);
  return escape_html(out);
}

}  // namespace

std::string models_section(const StudyView& study) {
  const auto& models = study.study().models;
  if (models.empty()) return "";
  std::string out = "<section id=\"models\"><h2>Models</h2>\n" +
                    open_table("Models",
                               "As their cards describe them. The hash names everything that can "
                               "change a feature: tensors, preprocessing, tokenizer, layers.");
  out += "<thead><tr>" + column_head("Model") + column_head("Modality") + column_head("Family") +
         column_head("Weights") + column_head("Parameters", true) + column_head("Layers", true) +
         column_head("Input", true) + column_head("Licence") + column_head("Source") +
         column_head("Remarks") + "</tr></thead><tbody>\n";
  for (const auto& model : models) {
    const std::string input =
        model.resolution > 0 ? fmt::format("{:.0f} px", model.resolution) : "—";
    out += fmt::format(
        "<tr><th scope=\"row\">{}</th><td>{}</td><td class=\"text\">{}</td><td>{}</td>"
        "<td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td "
        "class=\"text\">{}</td>"
        "<td class=\"wrap\">{}</td><td class=\"wrap\">{}{}</td></tr>\n",
        name_block(model.name, model.identity_hash.substr(0, 8)), escape_html(model.modality),
        escape_html(model.family), escape_html(model.role), quantity_text(model.parameters),
        model.layers, input, escape_html(model.licence), escape_html(model.source), tags(model),
        remarks(model));
  }
  return out + close_table() + "</section>\n";
}

std::string measured_section(const StudyView& study) {
  const auto& result = study.study();
  int64_t trained = 0, random = 0, trivial = 0, cells = 0;
  for (const auto& model : result.models)
    ++(model.role == "random" ? random : model.role == "trivial" ? trivial : trained);
  for (const auto& pair : result.pairs)
    cells += static_cast<int64_t>(pair.score.grid.values().size());
  std::string facts;
  const auto fact = [&](std::string_view what, const std::string& value) {
    facts +=
        fmt::format("<div><dt>{}</dt><dd>{}</dd></div>", escape_html(what), escape_html(value));
  };
  fact("data", result.data.name);
  fact("data hash", result.data.hash.substr(0, 12));
  fact("samples", count_text(result.data.valid_rows) +
                      (result.data.rows == result.data.valid_rows
                           ? ""
                           : fmt::format(" of {}", count_text(result.data.rows))));
  if (result.data.classes > 0) fact("classes", count_text(result.data.classes));
  fact("models", fmt::format("{} trained, {} random, {} trivial", trained, random, trivial));
  fact("model pairs", count_text(static_cast<int64_t>(result.pairs.size())));
  fact("layer pairs", count_text(cells));
  for (const auto& [key, value] : result.settings) fact(key, value);
  return fmt::format(
      "<section id=\"measured\"><h2>What was measured</h2>\n<dl "
      "class=\"facts\">{}</dl></section>\n",
      facts);
}

std::string skipped_section(const StudyView& study) {
  const auto& data = study.study().data;
  if (data.bad.empty()) return "";
  std::string out = fmt::format(
      "<section id=\"skipped\"><h2>Skipped samples</h2>\n<p>{} of {} could not be used. Every "
      "model "
      "leaves out the same ones.</p>\n",
      data.bad.size(), counted(data.rows, "sample"));
  out += open_table("Skipped samples", "Samples that were left out, and why") + "<thead><tr>" +
         column_head("Sample") + column_head("Reason") + "</tr></thead><tbody>\n";
  for (const auto& [id, reason] : data.bad)
    out += fmt::format("<tr><th scope=\"row\">{}</th><td class=\"wrap\">{}</td></tr>\n",
                       name_block(id), escape_html(reason));
  return out + close_table() + "</section>\n";
}

std::string caveats_section(const std::vector<Caveat>& fired) {
  std::string out = "<section id=\"caveats\"><h2>Caveats</h2>\n";
  if (fired.empty())
    return out + fmt::format("<p>None of {} rules fired.</p></section>\n", caveat_rules().size());
  out += fmt::format(
      "<p>{} of {} rules fired. A warning may change how the table is read; a note is good to "
      "know beside it.</p>\n<ul class=\"caveats\">\n",
      fired.size(), caveat_rules().size());
  for (const auto& caveat : fired) {
    const char* kind = caveat.severity == Severity::warning ? "warning" : "note";
    out += fmt::format(
        "<li class=\"{0}\" id=\"caveat-{1}\"><span class=\"kind\">{0}</span><strong>{2}</strong>{3}"
        "</li>\n",
        kind, caveat.id, escape_html(caveat.title), escape_html(caveat.evidence));
  }
  return out + "</ul></section>\n";
}

}  // namespace consilience::engine
