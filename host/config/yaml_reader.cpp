#include "host/config/yaml_reader.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>
#include <unordered_set>
#include <utility>

namespace mcpr::config {

namespace {

// A refusal by us, thrown through yaml-cpp's parser, which is exception safe.
struct Refused {
  YAML::Mark mark;
  std::string message;
};

struct Extent {  // what a copy of a node costs
  std::size_t nodes = 1;
  std::size_t text = 0;
  std::size_t height = 1;

  void add(const Extent& child) {
    nodes += child.nodes;
    text += child.text;
    height = std::max(height, child.height + 1);
  }
};

struct Frame {
  Node node;
  Extent extent;
  YAML::anchor_t anchor;
  YAML::Mark mark;
  std::optional<std::string> name;  // of the map entry whose value is awaited
  Origin name_origin;
  bool merge_key = false;
  std::unordered_set<std::string> names;
  std::vector<Entry> merged;  // from '<<': holds where the map itself says nothing
};

// Builds trees from yaml-cpp's events. Working on events instead of YAML::Node lets every node be counted before it is
// made, and an alias cost what it stands for.
class Builder : public YAML::EventHandler {
 public:
  Builder(const std::string& source, Problems& problems, const YamlLimits& limits)
      : source_(std::make_shared<const std::string>(source)), problems_(problems), limits_(limits) {}

  std::vector<Node> documents;

  Origin origin(const YAML::Mark& mark) const { return {source_, mark.line + 1, mark.column + 1}; }

  void OnDocumentStart(const YAML::Mark&) override {
    stack_.clear();
    anchors_.clear();
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (awaiting_name()) throw Refused{mark, "a name is missing before ':'"};
    Node node;
    node.origin = origin(mark);
    finish(std::move(node), {}, mark, anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    const bool quoted = tag == "!" || tag == "tag:yaml.org,2002:str";
    if (awaiting_name()) {
      set_name(value, mark, quoted);
      if (anchor != YAML::NullAnchor)
        remember(anchor, Node::scalar(value, origin(mark), quoted), {1, value.size(), 1}, mark);
      return;
    }
    finish(Node::scalar(value, origin(mark), quoted), {1, value.size(), 1}, mark, anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto known = anchors_.find(anchor);
    if (known == anchors_.end()) throw Refused{mark, "an alias may not stand inside what it names"};
    const auto& [node, extent] = known->second;
    if (awaiting_name()) {
      if (!node.is_scalar()) throw Refused{mark, "a name must be plain text, not " + std::string(kind_name(node))};
      set_name(node.text, mark, node.quoted);
      return;
    }
    if (stack_.size() + extent.height > limits_.depth) throw too_deep(mark);
    spend(extent, mark);
    add(Node(node), extent, mark);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Node::list(origin(mark)), mark, anchor);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Node::map(origin(mark)), mark, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  Refused too_deep(const YAML::Mark& mark) const {
    return {mark, "nested deeper than " + std::to_string(limits_.depth) + " levels"};
  }

  bool awaiting_name() const { return !stack_.empty() && stack_.back().node.is_map() && !stack_.back().name; }

  void set_name(const std::string& name, const YAML::Mark& mark, bool quoted) {
    Frame& frame = stack_.back();
    spend({1, name.size(), 1}, mark);
    if (frame.names.size() >= limits_.names) {
      throw Refused{mark, "more than " + std::to_string(limits_.names) + " names in one section"};
    }
    frame.name = name;
    frame.name_origin = origin(mark);
    frame.merge_key = name == "<<" && !quoted;
    if (!frame.merge_key && !frame.names.insert(name).second) {
      const auto first = std::find_if(frame.node.entries.begin(), frame.node.entries.end(),
                                      [&](const Entry& entry) { return entry.name == name; });
      const int line = first == frame.node.entries.end() ? 0 : first->origin.line;
      problems_.push_back(
          {origin(mark), "'" + name + "' is given twice in one section, first in line " + std::to_string(line)});
    }
  }

  void spend(const Extent& extent, const YAML::Mark& mark) {
    nodes_ += extent.nodes;
    text_ += extent.text;
    if (nodes_ > limits_.nodes) {
      throw Refused{
          mark, "more than " + std::to_string(limits_.nodes) + " values, aliases counted as often as they are used"};
    }
    if (text_ > limits_.text_bytes) {
      throw Refused{mark, "more than " + std::to_string(limits_.text_bytes) +
                              " bytes of text, aliases counted as often as they are used"};
    }
  }

  void open(Node node, const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (awaiting_name()) throw Refused{mark, "a name must be plain text, not " + std::string(kind_name(node))};
    if (stack_.size() >= limits_.depth) throw too_deep(mark);
    spend({}, mark);
    stack_.push_back({std::move(node), {}, anchor, mark, {}, {}, false, {}, {}});
  }

  void close() {
    Frame frame = std::move(stack_.back());
    stack_.pop_back();
    if (frame.names.size() + frame.merged.size() > limits_.names) {
      throw Refused{frame.mark, "more than " + std::to_string(limits_.names) + " names in one section"};
    }
    for (Entry& entry : frame.merged) {
      if (frame.names.insert(entry.name).second) frame.node.entries.push_back(std::move(entry));
    }
    if (frame.anchor != YAML::NullAnchor) remember(frame.anchor, frame.node, frame.extent, frame.mark);
    add(std::move(frame.node), frame.extent, frame.mark);
  }

  void finish(Node node, const Extent& extent, const YAML::Mark& mark, YAML::anchor_t anchor) {
    spend(extent, mark);
    if (anchor != YAML::NullAnchor) remember(anchor, node, extent, mark);
    add(std::move(node), extent, mark);
  }

  void remember(YAML::anchor_t anchor, const Node& node, const Extent& extent, const YAML::Mark& mark) {
    spend(extent, mark);
    anchors_.insert_or_assign(anchor, std::pair(node, extent));
  }

  void add(Node node, const Extent& extent, const YAML::Mark& mark) {
    if (stack_.empty()) {
      if (!node.is_null()) documents.push_back(std::move(node));
      return;
    }
    Frame& frame = stack_.back();
    frame.extent.add(extent);
    if (frame.node.is_list()) {
      frame.node.items.push_back(std::move(node));
      return;
    }
    if (frame.merge_key) {
      merge_in(frame, std::move(node), mark);
    } else {
      frame.node.entries.push_back({*frame.name, std::move(node), frame.name_origin});
    }
    frame.name.reset();
  }

  // `<<`: what the named maps say holds where this one says nothing, the earlier of them first.
  static void merge_in(Frame& frame, Node node, const YAML::Mark& mark) {
    std::vector<Node> sources;
    if (node.is_list()) {
      sources = std::move(node.items);
    } else {
      sources.push_back(std::move(node));
    }
    for (Node& source : sources) {
      if (!source.is_map())
        throw Refused{mark, "'<<' takes a section or a list of sections, not " + std::string(kind_name(source))};
      for (Entry& entry : source.entries) frame.merged.push_back(std::move(entry));
    }
  }

  std::shared_ptr<const std::string> source_;
  Problems& problems_;
  const YamlLimits& limits_;
  std::vector<Frame> stack_;
  std::map<YAML::anchor_t, std::pair<Node, Extent>> anchors_;
  std::size_t nodes_ = 0;
  std::size_t text_ = 0;
};

// "server.port: 1" in a map becomes {server: {port: 1}}. Names that are no keys stay whole.
Node expand_dots(Node node, Problems& problems) {
  if (!node.is_map()) return node;
  Node out = Node::map(node.origin);
  for (Entry& entry : node.entries) {
    Node value = expand_dots(std::move(entry.value), problems);
    std::optional<Path> path = parse_key(entry.name);
    if (!path || path->front().index) path = Path{{entry.name, std::nullopt}};
    const bool plain = path->size() == 1;
    if (plain) {
      const auto same = std::find_if(out.entries.begin(), out.entries.end(),
                                     [&](const Entry& other) { return other.name == path->front().name; });
      if (same == out.entries.end()) {
        out.entries.push_back({path->front().name, std::move(value), entry.origin});
        continue;
      }
    }
    std::string why;
    if (!insert(out, *path, std::move(value), entry.origin, why)) {
      problems.push_back({entry.origin, "'" + entry.name + "' does not fit what stands before it: " + why});
    }
  }
  return out;
}

// yaml-cpp holds every open bracket of a line as a possible name until the line ends.
bool too_many_brackets(std::string_view text, const YamlLimits& limits) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(),
                                                [](char c) { return c == '[' || c == '{'; })) > limits.flow_brackets;
}

}  // namespace

std::vector<Node> read_yaml(std::string_view text, const std::string& source, Problems& problems,
                            const YamlLimits& limits) {
  const Origin whole = Origin::of(source);
  if (text.size() > limits.bytes) {
    problems.push_back({whole, "longer than " + std::to_string(limits.bytes) + " bytes"});
    return {};
  }
  if (const std::size_t at = text.find('\0'); at != std::string_view::npos) {
    problems.push_back({whole, "not a text file: byte " + std::to_string(at + 1) + " is zero"});
    return {};
  }
  if (too_many_brackets(text, limits)) {
    problems.push_back({whole, "more than " + std::to_string(limits.flow_brackets) + " brackets"});
    return {};
  }
  Builder builder(source, problems, limits);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Refused& refused) {
    problems.push_back({builder.origin(refused.mark), refused.message});
  } catch (const YAML::Exception& error) {
    problems.push_back({error.mark.is_null() ? whole : builder.origin(error.mark), "not YAML: " + error.msg});
  }
  std::vector<Node> documents;
  for (Node& document : builder.documents) documents.push_back(expand_dots(std::move(document), problems));
  return documents;
}

}  // namespace mcpr::config
