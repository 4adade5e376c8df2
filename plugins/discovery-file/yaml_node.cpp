#include "yaml_node.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <sstream>
#include <utility>

#include "node_builder.hpp"

namespace mcpr::file {
namespace {

// yaml-cpp counts from 0, and marks what has no place with -1.
Place place_of(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

class Events : public YAML::EventHandler {
 public:
  NodeBuilder builder;

  // At a token that can begin nothing (a ',' after a document) the parser makes empty documents for ever.
  void OnDocumentStart(const YAML::Mark& mark) override {
    if (mark.pos <= last_start_) throw SyntaxError{place_of(mark), "unexpected text after the end of the document"};
    last_start_ = mark.pos;
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { builder.null(place_of(mark), anchor); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override { builder.alias(place_of(mark), anchor); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    const bool plain = tag == "?";
    const bool null = plain && (value.empty() || value == "~" || value == "null" || value == "Null" || value == "NULL");
    if (null) {
      builder.null(place_of(mark), anchor);
    } else {
      builder.scalar(place_of(mark), value, plain, anchor);
    }
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    builder.begin(place_of(mark), Node::Kind::list, anchor);
  }
  void OnSequenceEnd() override { builder.end(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    builder.begin(place_of(mark), Node::Kind::map, anchor);
  }
  void OnMapEnd() override { builder.end(); }

 private:
  int last_start_ = -1;
};

}  // namespace

bool parse_yaml(std::string_view text, std::vector<Node>& documents, SyntaxError& error) {
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    Events events;
    std::vector<Node> found;
    while (parser.HandleNextDocument(events)) {
      if (events.builder.complete()) found.push_back(events.builder.take());
    }
    documents = std::move(found);
    return true;
  } catch (const YAML::Exception& e) {
    error = {place_of(e.mark), e.msg};
  } catch (const SyntaxError& e) {
    error = e;
  }
  return false;
}

}  // namespace mcpr::file
