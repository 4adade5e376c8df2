// From rows to services, and the words of `mcp-router services`: any texts give services or reasons.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/discovery-sqlite/command_line.hpp"
#include "plugins/discovery-sqlite/import.hpp"
#include "plugins/discovery-sqlite/listing.hpp"
#include "tests/fuzz/check_reading.hpp"

namespace {

using namespace mcpr::sqlite;

// The input divided by NULs; what is missing is NULL.
class Fields {
 public:
  explicit Fields(std::string_view text) : rest_(text) {}
  bool more() const { return !rest_.empty(); }
  Text next() {
    if (rest_.empty()) return std::nullopt;
    const std::string_view field = rest_.substr(0, rest_.find('\0'));
    rest_.remove_prefix(std::min(field.size() + 1, rest_.size()));
    return std::string(field);
  }

 private:
  std::string_view rest_;
};

void check_entry(const Entry& entry) {
  mcpr::fuzz::check(entry.service);
  for (const std::string& note : entry.notes) mcpr::fuzz::require(!note.empty(), "notes have a text");
  list_text({{entry, "t"}});
  list_json({{entry, "t"}});
}

void rows(std::string_view text) {
  Fields fields(text);
  ServiceRow row;
  row.name = fields.next().value_or("");
  if (row.name.empty()) return;
  for (Text* to : {&row.description, &row.version, &row.protocol, &row.endpoint, &row.tags, &row.enabled, &row.metadata,
                   &row.options}) {
    *to = fields.next();
  }
  check_entry(to_service(row, "/etc"));
  row.has_instances = true;
  while (fields.more() && row.instances.size() < 20) {
    InstanceRow instance;
    instance.id = static_cast<std::int64_t>(row.instances.size());
    for (Text* to : {&instance.url, &instance.host, &instance.port, &instance.path, &instance.tls, &instance.transport,
                     &instance.weight, &instance.enabled, &instance.zone, &instance.metadata}) {
      *to = fields.next();
      if (to->has_value() && (*to)->empty()) to->reset();
    }
    row.instances.push_back(std::move(instance));
  }
  check_entry(to_service(row, "/etc"));
}

void words(std::string_view text) {
  std::vector<std::string> fields;
  for (Fields all(text); all.more();) fields.push_back(*all.next());
  const std::vector<std::string_view> views(fields.begin(), fields.end());
  try {
    const Request request = parse_words(views);
    if (request.verb != Request::Verb::add) return;
    const Entry entry = to_service(service_to_add(request, "/etc"), "/etc");
    mcpr::fuzz::require(entry.service.unroutable.empty(), "what is added can be called");
  } catch (const UsageError& error) {
    mcpr::fuzz::require(*error.what() != 0, "errors have a text");
  }
}

void exported(std::string_view text) {
  try {
    for (ServiceRow& row : read_exported(text)) check_entry(to_service(with_instances(std::move(row)), "/etc"));
  } catch (const UsageError& error) {
    mcpr::fuzz::require(*error.what() != 0, "errors have a text");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 3) {
    case 0: rows(text); break;
    case 1: words(text); break;
    default: exported(text); break;
  }
  return 0;
}
