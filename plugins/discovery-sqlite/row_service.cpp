#include "row_service.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "read_service.hpp"

namespace mcpr::sqlite {
namespace {

using reader::Node;

// The names of columns, which are not repeated in the options.
constexpr std::string_view kColumns[] = {"name",    "description", "version", "protocol", "endpoint", "tags",
                                         "enabled", "metadata",    "url",     "urls",     "instances"};

Node scalar(std::string text) {
  Node node;
  node.kind = Node::Kind::scalar;
  node.text = std::move(text);
  return node;
}

// The node and all below it belong to this line, so that errors say whose they are.
void put_on_line(Node& node, int line) {
  node.place = {line, 1};
  for (Node& item : node.items) put_on_line(item, line);
  for (reader::Member& member : node.members) {
    member.place = {line, 1};
    put_on_line(member.value, line);
  }
}

// Flags are stored as 0 and 1.
std::string flag_of(const std::string& text) { return text == "1" ? "true" : text == "0" ? "false" : text; }

class NodeMaker {
 public:
  Node node;
  std::string problem;  // the first

  NodeMaker() { node.kind = Node::Kind::map; }

  void text(const char* key, const Text& value) {
    if (value) add(key, scalar(*value));
  }
  void text_unless_empty(const char* key, const Text& value) {
    if (value && !value->empty()) add(key, scalar(*value));
  }
  void flag(const char* key, const Text& value) {
    if (value) add(key, scalar(flag_of(*value)));
  }
  // A JSON object as it is.
  void object(const char* key, const Text& value) {
    Node parsed;
    if (parse(key, value, parsed)) add(key, std::move(parsed));
  }
  // The members of a JSON object beside the others.
  void members(const char* key, const Text& value) {
    Node parsed;
    if (!parse(key, value, parsed)) return;
    for (reader::Member& member : parsed.members) {
      if (std::find(std::begin(kColumns), std::end(kColumns), reader::kebab(member.key)) != std::end(kColumns)) {
        fail(std::string(key) + ": '" + member.key + "' is no option: it has a place of its own in the tables");
      } else {
        node.members.push_back(std::move(member));
      }
    }
  }
  void add(const char* key, Node value) { node.members.push_back({key, {}, std::move(value)}); }

 private:
  void fail(std::string text) {
    if (problem.empty()) problem = std::move(text);
  }
  bool parse(const char* key, const Text& value, Node& parsed) {
    if (!value || value->empty()) return false;
    reader::SyntaxError error;
    if (!parse_json(*value, parsed, error)) {
      fail(std::string(key) + ": " + error.text + " (line " + std::to_string(error.place.line) + ", column " +
           std::to_string(error.place.column) + ")");
      return false;
    }
    if (parsed.is_map()) return true;
    if (!parsed.is_null()) fail(std::string(key) + ": must be a JSON object, not " + std::string(kind_name(parsed)));
    return false;
  }
};

// Instances stand on lines from 1, so that an error's line is the index of its instance plus 1.
Node instance_node(const InstanceRow& row, int line, std::string& problem) {
  NodeMaker maker;
  problem = row.invalid;
  maker.text("url", row.url);
  maker.text("host", row.host);
  maker.text("port", row.port);
  maker.text_unless_empty("path", row.path);
  if (!row.url) maker.flag("tls", row.tls);
  maker.text_unless_empty("protocol", row.transport);
  maker.text("weight", row.weight);
  maker.flag("enabled", row.enabled);
  maker.text("zone", row.zone);
  maker.object("metadata", row.metadata);
  if (problem.empty()) problem = maker.problem;
  put_on_line(maker.node, line);
  return std::move(maker.node);
}

Node service_node(const ServiceRow& row, std::string& problem) {
  NodeMaker maker;
  maker.text("name", row.name);
  maker.text("description", row.description);
  maker.text("version", row.version);
  maker.text("protocol", row.protocol);
  maker.text("tags", row.tags);
  maker.flag("enabled", row.enabled);
  maker.object("metadata", row.metadata);
  maker.members("options", row.options);
  if (!row.has_instances) maker.add("endpoint", scalar(row.endpoint.value_or("")));
  if (row.has_instances) maker.text_unless_empty("endpoint", row.endpoint);
  problem = row.invalid.empty() ? maker.problem : row.invalid;
  put_on_line(maker.node, 0);
  return std::move(maker.node);
}

// Without the words that name the service, which stand elsewhere.
std::string bare(const std::string& text, const std::string& name) {
  const std::string owner = "service '" + name + "': ";
  return text.starts_with(owner) ? text.substr(owner.size()) : text;
}

class EntryMaker {
 public:
  EntryMaker(const ServiceRow& row, const std::string& folder) : row_(row) {
    context_.folder = folder;
    if (row.has_instances && (!row.endpoint || row.endpoint->empty() || !row.instances.empty())) add_instances();
  }

  Entry run() {
    std::string problem;
    const Node service = service_node(row_, problem);
    // Each round leaves out the instances that the one before has complained about.
    while (problem.empty()) {
      reader::Reading reading;
      Node node = service;
      if (list_) node.members.push_back({"instances", {}, *list_});
      read_service(node, {}, context_, reading);
      if (reading.errors.empty()) return finished(std::move(reading.services.front().service));
      problem = complaint(reading.errors);
    }
    return unusable(std::move(problem));
  }

 private:
  void add_instances() {
    list_.emplace();
    list_->kind = Node::Kind::list;
    for (std::size_t i = 0; i < row_.instances.size(); ++i) {
      std::string problem;
      Node node = instance_node(row_.instances[i], static_cast<int>(i) + 1, problem);
      if (problem.empty()) {
        list_->items.push_back(std::move(node));
      } else {
        leave_out(static_cast<int>(i) + 1, "instances: " + problem);
      }
    }
  }

  // What is wrong with the service itself; empty where it is only instances, which are then taken out.
  std::string complaint(const std::vector<reader::Issue>& errors) {
    std::string service;
    std::set<int> lines;
    for (const reader::Issue& error : errors) {
      const std::string text = bare(error.text, row_.name);
      if (error.line == 0) {
        service += (service.empty() ? "" : "; ") + text;
      } else if (lines.insert(error.line).second) {
        leave_out(error.line, text);
      }
    }
    const std::size_t erased =
        list_ ? std::erase_if(list_->items, [&](const Node& item) { return lines.count(item.place.line) > 0; }) : 0;
    return service.empty() && erased == 0 ? bare(errors.front().text, row_.name) : service;
  }

  void leave_out(int line, const std::string& text) {
    const std::int64_t id = row_.instances[static_cast<std::size_t>(line) - 1].id;
    left_out_.push_back(id == 0 ? text : "instance row " + std::to_string(id) + " is left out: " + text);
  }

  Entry finished(reader::Service service) {
    if (row_.has_instances && service.instances.empty() && service.lookup.empty() && service.unroutable.empty()) {
      service.unroutable = left_out_.empty() ? "it has no rows in `instances`" : left_out_.front();
    }
    Entry entry{std::move(service), {}};
    say(entry);
    return entry;
  }

  Entry unusable(std::string problem) {
    Entry entry;
    entry.service.name = row_.name;
    entry.service.description = row_.description.value_or("");
    entry.service.version = row_.version.value_or("");
    entry.service.protocol = row_.protocol.value_or("");
    entry.service.enabled = row_.enabled != "0";
    entry.service.unroutable = std::move(problem);
    say(entry);
    return entry;
  }

  void say(Entry& entry) const {
    const std::string owner = "service '" + row_.name + "': ";
    if (!entry.service.unroutable.empty()) entry.notes.push_back(owner + entry.service.unroutable);
    for (const std::string& text : left_out_) {
      if (text != entry.service.unroutable) entry.notes.push_back(owner + text);
    }
  }

  const ServiceRow& row_;
  reader::Context context_;
  std::optional<Node> list_;  // nothing: the address is an endpoint
  std::vector<std::string> left_out_;
};

}  // namespace

Entry to_service(const ServiceRow& row, const std::string& folder) { return EntryMaker(row, folder).run(); }

}  // namespace mcpr::sqlite
