#include "engine/report/html_parts.h"

#include <fmt/format.h>

#include "engine/report/format.h"

namespace consilience::engine {

std::string open_table(std::string_view label, std::string_view caption,
                       std::string_view css_class) {
  return fmt::format(
      "<div class=\"scroll\" role=\"region\" aria-label=\"{}\" tabindex=\"0\"><table "
      "class=\"{}\"><caption><span>{}</span></caption>\n",
      escape_html(label), css_class, caption);
}

std::string close_table() { return "</tbody></table></div>\n"; }

std::string name_block(std::string_view name, std::string_view beneath) {
  const std::string small =
      beneath.empty() ? "" : fmt::format("<small>{}</small>", escape_html(beneath));
  return fmt::format("<span class=\"name\">{}{}</span>", escape_html(name), small);
}

std::string column_head(std::string_view text, bool number) {
  return fmt::format("<th scope=\"col\"{}>{}</th>", number ? " class=\"n\"" : "",
                     escape_html(text));
}

}  // namespace consilience::engine
