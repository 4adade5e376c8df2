#include "command_line.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <mcpr/text.hpp>
#include <mcpr/url.hpp>

#include "row_service.hpp"

namespace mcpr::sqlite {
namespace {

using Verb = Request::Verb;

struct VerbRule {
  std::string_view name;
  Verb verb;
  std::size_t least, most;  // words behind it
  std::string_view wants;
};

constexpr std::size_t kAny = 10'000;
constexpr std::array<VerbRule, 8> kVerbs{{
    {"add", Verb::add, 2, kAny, "add NAME URL..."},
    {"add-instance", Verb::add_instance, 2, kAny, "add-instance NAME URL..."},
    {"remove-instance", Verb::remove_instance, 2, kAny, "remove-instance NAME URL..."},
    {"remove", Verb::remove, 1, kAny, "remove NAME..."},
    {"enable", Verb::enable, 1, kAny, "enable NAME..."},
    {"disable", Verb::disable, 1, kAny, "disable NAME..."},
    {"import", Verb::import, 1, 1, "import FILE"},
    {"list", Verb::list, 0, 0, "list [--json]"},
}};

struct OptionRule {
  std::string_view name;
  bool has_value;
  std::array<std::optional<Verb>, 3> verbs;
};

constexpr std::array<OptionRule, 9> kOptions{{
    {"--description", true, {Verb::add}},
    {"--protocol", true, {Verb::add}},
    {"--version", true, {Verb::add}},
    {"--tag", true, {Verb::add}},
    {"--header", true, {Verb::add}},
    {"--weight", true, {Verb::add, Verb::add_instance}},
    {"--zone", true, {Verb::add, Verb::add_instance}},
    {"--replace", false, {Verb::add, Verb::import}},
    {"--json", false, {Verb::list}},
}};

std::string_view trim(std::string_view text) {
  const std::size_t from = text.find_first_not_of(" \t");
  return from == std::string_view::npos ? "" : text.substr(from, text.find_last_not_of(" \t") - from + 1);
}

const VerbRule& verb_of(std::string_view word) {
  const auto found =
      std::find_if(kVerbs.begin(), kVerbs.end(), [&](const VerbRule& rule) { return rule.name == word; });
  if (found != kVerbs.end()) return *found;
  std::vector<std::string_view> known;
  for (const VerbRule& rule : kVerbs) known.push_back(rule.name);
  const std::string_view near = text::nearest(word, known);
  throw UsageError("unknown word '" + std::string(word) + "'" +
                   (near.empty() ? "" : "; did you mean '" + std::string(near) + "'?"));
}

class WordsReader {
 public:
  explicit WordsReader(std::span<const std::string_view> words) : words_(words), rule_(verb_of(words.front())) {
    out_.verb = rule_.verb;
  }

  Request run() {
    bool only_words = false;
    for (at_ = 1; at_ < words_.size(); ++at_) {
      const std::string_view word = words_[at_];
      if (!only_words && word == "--") {
        only_words = true;
      } else if (!only_words && word.starts_with("--")) {
        option(word);
      } else {
        out_.words.emplace_back(word);
      }
    }
    if (out_.words.size() < rule_.least || out_.words.size() > rule_.most) {
      throw UsageError("expected: services " + std::string(rule_.wants));
    }
    return std::move(out_);
  }

 private:
  void option(std::string_view word) {
    const std::size_t equals = word.find('=');
    const std::string_view name = word.substr(0, equals);
    std::vector<std::string_view> known;
    for (const OptionRule& rule : kOptions) {
      if (std::find(rule.verbs.begin(), rule.verbs.end(), rule_.verb) == rule.verbs.end()) continue;
      if (rule.name == name)
        return set(rule, equals == std::string_view::npos ? rule.name : word.substr(equals + 1),
                   equals != std::string_view::npos);
      known.push_back(rule.name);
    }
    const std::string_view near = text::nearest(name, known);
    throw UsageError(std::string(rule_.name) + ": unknown option '" + std::string(name) + "'" +
                     (near.empty() ? "" : "; did you mean '" + std::string(near) + "'?"));
  }

  void set(const OptionRule& rule, std::string_view value, bool attached) {
    const std::string name(rule.name);
    if (rule.has_value && !attached) {
      if (at_ + 1 >= words_.size()) throw UsageError(name + " needs a value");
      value = words_[++at_];
    }
    if (!rule.has_value && attached) throw UsageError(name + " takes no value");
    if (name == "--description") out_.description = value;
    if (name == "--protocol") out_.protocol = value;
    if (name == "--version") out_.version = value;
    if (name == "--tag") out_.tags += (out_.tags.empty() ? "" : ",") + std::string(trim(value));
    if (name == "--header") header(value);
    if (name == "--weight") out_.weight = value;
    if (name == "--zone") out_.zone = value;
    if (name == "--replace") out_.replace = true;
    if (name == "--json") out_.json = true;
  }

  // The value may be a secret: it is never repeated.
  void header(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) throw UsageError("--header is written 'Name: value'");
    const std::string_view name = trim(text.substr(0, colon)), value = trim(text.substr(colon + 1));
    std::string error;
    if (!text::check_header(name, value, error)) throw UsageError("--header: " + error);
    out_.headers.emplace_back(name, value);
  }

  std::span<const std::string_view> words_;
  const VerbRule& rule_;
  std::size_t at_ = 0;
  Request out_;
};

bool is_reference(const std::string& endpoint) {
  url::Endpoint parts;
  std::string error;
  return url::parse_endpoint(endpoint, parts, error) && !parts.lookup.empty();
}

}  // namespace

Request parse_words(std::span<const std::string_view> words) {
  if (words.empty())
    throw UsageError("expected add, add-instance, remove-instance, remove, enable, disable, import or list");
  return WordsReader(words).run();
}

InstanceRow instance_to_add(const Request& request, const std::string& url) {
  InstanceRow row;
  row.url = url;
  row.weight = request.weight.value_or("1");
  row.enabled = "1";
  row.zone = request.zone.value_or("");
  return row;
}

ServiceRow service_to_add(const Request& request, const std::string& folder) {
  ServiceRow row;
  row.has_instances = true;
  row.name = request.words.front();
  row.description = request.description;
  row.protocol = request.protocol;
  row.version = request.version;
  row.tags = request.tags;
  row.enabled = "1";
  boost::json::object headers;
  for (const auto& [name, value] : request.headers) headers[name] = value;
  if (!headers.empty()) row.options = boost::json::serialize(boost::json::object{{"headers", std::move(headers)}});
  if (request.words.size() == 2 && is_reference(request.words[1])) {
    row.endpoint = request.words[1];
  } else {
    for (std::size_t i = 1; i < request.words.size(); ++i) {
      row.instances.push_back(instance_to_add(request, request.words[i]));
    }
  }
  const bool odd = std::any_of(row.name.begin(), row.name.end(),
                               [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  if (row.name.empty() || row.name.size() > 200 || odd) {
    throw UsageError("a name has 1 to 200 bytes without control characters");
  }
  if (const Entry entry = to_service(row, folder); !entry.notes.empty()) throw UsageError(entry.notes.front());
  return row;
}

ServiceRow with_instances(ServiceRow row) {
  row.has_instances = true;
  const std::string endpoint = row.endpoint.value_or("");
  if (!endpoint.empty() && !is_reference(endpoint)) {
    InstanceRow instance;
    instance.url = endpoint;
    instance.weight = "1";
    instance.enabled = "1";
    row.instances.push_back(std::move(instance));
    row.endpoint.reset();
  }
  return row;
}

}  // namespace mcpr::sqlite
