#include "host/plugin/probe_dialogue.hpp"

#include <sys/wait.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstring>

namespace mcpr::plugin {

namespace json = boost::json;

namespace {

constexpr std::size_t kMostOutput = 2'000;
constexpr std::size_t kMostReport = 4u << 20;  // a line that does not end

std::string line_of(const json::object& object) { return json::serialize(object) + "\n"; }

std::vector<std::string> texts(const json::object& object, const char* key) {
  std::vector<std::string> out;
  const json::value* list = object.if_contains(key);
  if (!list || !list->is_array()) return out;
  for (const json::value& item : list->get_array()) {
    if (item.is_string()) out.emplace_back(item.get_string());
  }
  return out;
}

std::string text(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace

std::string probe_says_step(std::string_view step) { return line_of({{"step", step}}); }

std::string probe_says_manifest(const PluginInfo& info) {
  return line_of({{"manifest",
                   {{"id", info.id},
                    {"version", info.version},
                    {"kinds", json::value_from(info.kinds)},
                    {"aliases", json::value_from(info.aliases)},
                    {"prefixes", json::value_from(info.config_prefixes)},
                    {"schema", info.config_schema}}}});
}

std::string probe_says_refused(std::string_view reason) { return line_of({{"refused", reason}}); }

std::string probe_says_good(bool stays, std::string_view note) {
  return line_of({{"good", true}, {"stays", stays}, {"note", note}});
}

bool read_probe_sources(std::string_view line, std::vector<ProbeSource>& out) {
  boost::system::error_code failed;
  const json::value value = json::parse(line, failed);
  const json::array* sources = failed ? nullptr : value.if_array();
  if (!sources) return false;
  for (const json::value& item : *sources) {
    const json::object* source = item.if_object();
    if (!source) return false;
    out.push_back({text(*source, "name"), text(*source, "config")});
  }
  return true;
}

std::string ProbeDialogue::answer(std::span<const ProbeSource> sources) {
  json::array out;
  for (const ProbeSource& at : sources) out.push_back({{"name", at.name}, {"config", at.config}});
  return json::serialize(out) + "\n";
}

void ProbeDialogue::take(std::string_view bytes) {
  partial_ += bytes;
  std::size_t begin = 0;
  for (std::size_t end = partial_.find('\n'); end != std::string::npos; end = partial_.find('\n', begin)) {
    line(std::string_view(partial_).substr(begin, end - begin));
    begin = end + 1;
  }
  partial_.erase(0, begin);
  if (partial_.size() > kMostReport) partial_.clear();
}

void ProbeDialogue::take_output(std::string_view bytes) {
  output_ += bytes;
  if (output_.size() > kMostOutput) output_.erase(0, output_.size() - kMostOutput);
}

void ProbeDialogue::line(std::string_view text_line) {
  boost::system::error_code failed;
  const json::value value = json::parse(text_line, failed);
  const json::object* object = failed ? nullptr : value.if_object();
  if (!object) return;
  if (object->contains("step")) step_ = text(*object, "step");
  if (const json::value* at = object->if_contains("manifest"); at && at->is_object()) {
    const json::object& manifest = at->get_object();
    manifest_.id = text(manifest, "id");
    manifest_.version = text(manifest, "version");
    manifest_.kinds = texts(manifest, "kinds");
    manifest_.aliases = texts(manifest, "aliases");
    manifest_.config_prefixes = texts(manifest, "prefixes");
    manifest_.config_schema = text(manifest, "schema");
    has_manifest_ = true;
  }
  if (object->contains("refused")) {
    has_verdict_ = true;
    verdict_ = {text(*object, "refused"), false, {}};
  } else if (object->contains("good")) {
    has_verdict_ = true;
    const json::value* stays = object->if_contains("stays");
    verdict_ = {{}, stays && stays->is_bool() && stays->get_bool(), text(*object, "note")};
  }
}

std::string ProbeDialogue::where() const {
  return step_.empty() ? "before it was loaded" : "while it was being " + step_;
}

ProbeResult ProbeDialogue::ended(int status) const {
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && has_verdict_) return verdict_;
  std::string reason;
  if (WIFSIGNALED(status)) {
    const char* name = ::sigdescr_np(WTERMSIG(status));
    reason = "its probe was ended by signal " + std::to_string(WTERMSIG(status)) + " (" + (name ? name : "unknown") +
             ") " + where();
  } else {
    reason = "its probe ended by itself with exit code " + std::to_string(WEXITSTATUS(status)) + " " + where();
  }
  // What a sanitizer, an assertion or the runtime has to say stands in the last line.
  std::string_view last = output_;
  while (!last.empty() && last.back() == '\n') last.remove_suffix(1);
  if (const auto newline = last.rfind('\n'); newline != std::string_view::npos) last.remove_prefix(newline + 1);
  if (!last.empty()) reason += "; its last words: " + std::string(last.substr(0, 300));
  return {reason, false, {}};
}

ProbeResult ProbeDialogue::overdue(std::chrono::milliseconds limit) const {
  return {"its probe did not end within " + std::to_string(limit.count()) +
              " ms (plugins.probe-timeout); it was killed " + where(),
          false,
          {}};
}

}  // namespace mcpr::plugin
