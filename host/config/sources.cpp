#include "host/config/sources.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "host/config/profile.hpp"
#include "host/config/yaml_reader.hpp"

namespace mcpr::config {

namespace fs = std::filesystem;

namespace {

constexpr std::array<const char*, 2> kExtensions{".yml", ".yaml"};

const Path kActivate = *parse_key("spring.config.activate.on-profile");
const Path kOldActivate = *parse_key("spring.profiles");
const Path kActive = *parse_key("spring.profiles.active");
const Path kInclude = *parse_key("spring.profiles.include");

// A pipe is as good as a file: --config <(...) works.
std::optional<std::string> read_text(const fs::path& path, std::size_t most, std::string& why) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    why = std::string("cannot be read: ") + std::strerror(errno);
    return std::nullopt;
  }
  std::string text;
  std::array<char, 65536> buffer;
  ssize_t got = 0;
  while (text.size() <= most) {
    got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  const int error = errno;
  ::close(fd);
  if (got < 0) {
    why = std::string("cannot be read: ") + std::strerror(error);
    return std::nullopt;
  }
  return text;
}

bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

void add_once(std::vector<std::string>& list, const std::string& one) {
  if (std::find(list.begin(), list.end(), one) == list.end()) list.push_back(one);
}

class Reader {
 public:
  explicit Reader(const Request& request) : request_(request) {
    layers_.command_line = request.command_line;
    layers_.environment = request.environment;
  }

  Layers run() {
    find_base();
    std::vector<Node> base;
    if (base_) base = read(*base_);
    choose_profiles(base);
    apply(std::move(base));
    // By index: a profile's own file may include further profiles.
    for (std::size_t i = 0; i < layers_.profiles.size(); ++i) read_profile(layers_.profiles[i]);
    check_profiles();
    return std::move(layers_);
  }

 private:
  void find_base() {
    if (request_.file) {
      base_ = *request_.file;
      return;
    }
    for (const fs::path& folder : request_.search) {
      for (const char* extension : kExtensions) {
        const fs::path candidate = (folder / (std::string("application") + extension)).lexically_normal();
        if (!is_there(candidate)) continue;
        base_ = candidate;
        return;
      }
    }
  }

  std::vector<Node> read(const fs::path& path) {
    std::string why;
    const auto text = read_text(path, YamlLimits{}.bytes, why);
    if (!text) {
      layers_.problems.push_back({Origin::of(path.string()), why});
      return {};
    }
    layers_.files.push_back(path);
    std::vector<Node> documents = read_yaml(*text, path.string(), layers_.problems);
    std::erase_if(documents, [this](const Node& document) {
      if (document.is_map()) return false;
      layers_.problems.push_back(
          {document.origin, "the file has to be a section of keys, not " + std::string(kind_name(document))});
      return true;
    });
    return documents;
  }

  // A list, or text with commas. Only the environment can be referred to: other keys are not known yet.
  std::vector<std::string> names(const Node& node) {
    std::vector<std::string> out;
    const Node nothing;
    const Resolver resolver(nothing, request_.environment);
    const auto add = [&](const Node& scalar) {
      if (!scalar.is_scalar()) return;
      const auto text = resolver.resolve(scalar, layers_.problems);
      for (const std::string& name : split_list(text.value_or(""))) {
        if (is_profile_name(name)) {
          out.push_back(name);
        } else {
          layers_.problems.push_back(
              {scalar.origin, "'" + name + "' is no name of a profile (letters, digits and _ . - + @)"});
        }
      }
    };
    add(node);
    for (const Node& item : node.items) add(item);
    return out;
  }

  static const Node* condition(const Node& document) {
    if (const Node* node = document.find(kActivate)) return node;
    const Node* old = document.find(kOldActivate);
    return old && (old->is_scalar() || old->is_list()) ? old : nullptr;
  }

  void choose_profiles(const std::vector<Node>& base) {
    std::vector<std::string> chosen;
    const Origin option = Origin::of("command line --profile");
    for (const std::string& given : request_.profiles) {
      for (const std::string& name : names(Node::scalar(given, option))) {
        add_once(chosen, name);
        add_once(asked_, name);
      }
    }
    if (const Node* node = request_.command_line.find(kActive)) {
      for (const std::string& name : names(*node)) add_once(chosen, name);
    }
    const auto variable = request_.environment.find("SPRING_PROFILES_ACTIVE");
    if (chosen.empty() && variable != request_.environment.end()) {
      chosen = names(Node::scalar(variable->second, Origin::of("environment variable SPRING_PROFILES_ACTIVE")));
    }
    if (chosen.empty()) {
      for (const Node& document : base) {
        const Node* node = document.find(kActive);
        if (node && !condition(document)) chosen = names(*node);
      }
    }
    for (const std::string& name : chosen) add_once(layers_.profiles, name);
    for (const Node& document : base) {
      if (!condition(document)) include(document);
    }
  }

  void include(const Node& document) {
    const Node* node = document.find(kInclude);
    if (!node) return;
    for (const std::string& name : names(*node)) add_once(layers_.profiles, name);
  }

  bool applies(const Node& document) {
    const Node* on = condition(document);
    if (!on) return true;
    std::vector<Node> expressions = on->is_list() ? on->items : std::vector<Node>{*on};
    bool any = false;
    for (const Node& expression : expressions) {
      const auto holds = expression.is_scalar() ? matches(expression.text, layers_.profiles, mentioned_) : std::nullopt;
      if (holds) {
        any = any || *holds;
        continue;
      }
      // A plain list of names means any of them.
      const std::vector<std::string> listed = split_list(expression.text);
      if (listed.size() < 2 || !std::all_of(listed.begin(), listed.end(), is_profile_name)) {
        layers_.problems.push_back(
            {expression.origin, "not an expression of profiles: names with !, &, | and parentheses"});
        continue;
      }
      for (const std::string& name : listed) any = any || *matches(name, layers_.profiles, mentioned_);
    }
    return any;
  }

  void apply(std::vector<Node> documents) {
    for (Node& document : documents) {
      if (!applies(document)) continue;
      take(document, kActivate);
      if (const Node* old = document.find(kOldActivate); old && !old->is_map()) take(document, kOldActivate);
      layers_.documents.push_back(std::move(document));
    }
  }

  void read_profile(const std::string name) {  // by value: reading may make the list of profiles grow
    std::vector<fs::path> candidates;
    const auto add = [&](const fs::path& folder, const std::string& stem) {
      for (const char* extension : kExtensions)
        candidates.push_back((folder / (stem + "-" + name + extension)).lexically_normal());
    };
    if (base_) {
      add(base_->parent_path(), base_->stem().string());
    } else {
      for (const fs::path& folder : request_.search) add(folder, "application");
    }
    const auto found = std::find_if(candidates.begin(), candidates.end(), is_there);
    if (found == candidates.end()) return;
    add_once(mentioned_, name);
    std::vector<Node> documents = read(*found);
    for (const Node& document : documents) {
      if (applies(document)) include(document);
    }
    apply(std::move(documents));
  }

  void check_profiles() {
    const std::string place = base_ ? "beside " + base_->string() : "in the folders that are searched";
    for (const std::string& name : layers_.profiles) {
      if (std::find(mentioned_.begin(), mentioned_.end(), name) != mentioned_.end()) continue;
      const std::string stem = base_ ? base_->stem().string() : "application";
      const std::string text = "profile '" + name + "' means nothing: there is no " + stem + "-" + name + ".yml " +
                               place + ", and no document for it";
      if (std::find(asked_.begin(), asked_.end(), name) != asked_.end()) {
        layers_.problems.push_back({Origin::of("command line --profile"), text});
      } else {
        layers_.notes.push_back(text);
      }
    }
  }

  const Request& request_;
  Layers layers_;
  std::optional<fs::path> base_;
  std::vector<std::string> asked_;      // by --profile
  std::vector<std::string> mentioned_;  // profiles that a file or a document exists for
};

}  // namespace

std::vector<fs::path> default_search(const fs::path& executable) {
  return {"config", ".", executable.parent_path().parent_path() / "etc" / "mcp-router"};
}

Layers read_layers(const Request& request) { return Reader(request).run(); }

}  // namespace mcpr::config
