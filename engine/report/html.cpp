#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "engine/report/format.h"
#include "engine/report/page_style.h"
#include "engine/report/report.h"
#include "engine/report/sections.h"

namespace consilience::engine {
namespace {

/// Layer names by model, for reading out cells. "<" is written so that no name can end the script.
std::string layer_names(const StudyView& study) {
  nlohmann::json names = nlohmann::json::object();
  for (const auto& pair : study.study().pairs) {
    names[clean_utf8(pair.score.model_a)] = nlohmann::json::array();
    names[clean_utf8(pair.score.model_b)] = nlohmann::json::array();
    for (const auto& layer : pair.score.layers_a)
      names[clean_utf8(pair.score.model_a)].push_back(clean_utf8(layer));
    for (const auto& layer : pair.score.layers_b)
      names[clean_utf8(pair.score.model_b)].push_back(clean_utf8(layer));
  }
  std::string text;
  for (const char c : names.dump()) text += c == '<' ? std::string("\\u003c") : std::string(1, c);
  return text;
}

std::string navigation(const std::string& body) {
  struct Entry {
    std::string_view id, title;
  };
  static constexpr Entry kEntries[] = {{"ladder", "One score, taken apart"},
                                       {"measured", "What was measured"},
                                       {"tables", "Alignment"},
                                       {"maps", "Layer by layer"},
                                       {"curves", "Against size"},
                                       {"caveats", "Caveats"},
                                       {"models", "Models"},
                                       {"methods", "Methods"},
                                       {"skipped", "Skipped"}};
  std::string out = "<nav aria-label=\"Sections\"><ul>";
  for (const auto& entry : kEntries)
    if (body.find(fmt::format("<section id=\"{}\">", entry.id)) != std::string::npos)
      out += fmt::format("<li><a href=\"#{}\">{}</a></li>", entry.id, entry.title);
  return out + "</ul></nav>\n";
}

}  // namespace

std::string render_html(const StudyResult& study) {
  const StudyView view(study);
  const auto fired = caveats(view);
  const std::string body = ladder_section(view) + measured_section(view) + tables_section(view) +
                           maps_section(view) + curves_section(view) + caveats_section(fired) +
                           models_section(view) + methods_section(view) + skipped_section(view);
  const std::string name = escape_html(study.name.empty() ? "study" : study.name);
  const std::string under =
      view.tables().empty() ? std::string() : escape_html(view.tables().front().metric);
  std::string out =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n<link rel=\"icon\" "
      "href=\"data:,\">\n";
  out += fmt::format("<title>{} · alignment report</title>\n<style>{}</style></head>\n<body>\n",
                     name, page_style());
  out += fmt::format(
      "<header><p class=\"kicker\">Alignment report</p><h1>{}</h1>\n<p class=\"under\">{}</p>\n"
      "{}{}</header>\n<main>\n{}</main>\n",
      name, under, lead_section(view, fired), navigation(body), body);
  out += fmt::format("<footer>consilience · data {} · {}</footer>\n", escape_html(study.data.name),
                     under);
  out += fmt::format(
      "<script type=\"application/json\" id=\"layers\">{}</script>\n<script>{}</script>\n"
      "</body></html>\n",
      layer_names(view), page_script());
  return out;
}

}  // namespace consilience::engine
