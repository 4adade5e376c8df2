#include "host/config/command_line.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <functional>
#include <map>

#include "host/config/units.hpp"

namespace mcpr::config {

namespace {

struct Option {
  std::string_view name;
  std::string_view argument;  // empty: a flag
  std::string_view help;
  std::string_view letter = {};
};

constexpr std::array<Option, 10> kOptions{{
    {"--config", "FILE",
     "read FILE instead of ./config/application.yml, ./application.yml or etc/mcp-router/application.yml", "-c"},
    {"--profile", "NAME", "use this profile too: application-NAME.yml beside the file (repeatable, commas allowed)",
     "-p"},
    {"--upstream", "[NAME=]URL",
     "a service to route to, instead of those in files (repeatable; one NAME, several URLs: instances)", "-u"},
    {"--check-config", "", "read and check the configuration, say what is wrong, and exit"},
    {"--print-config", "", "show every key with its value and where it comes from, and exit"},
    {"--list-plugins", "", "show the plugins that are found, and exit"},
    {"--daemon", "", "go on in the background once the router takes connections"},
    {"--pidfile", "FILE", "write the process id to FILE; it is removed at exit"},
    {"--version", "", "show the version, and exit", "-V"},
    {"--help", "", "show this, and exit", "-h"},
}};

struct Url {
  std::string host;
};

// Just enough to refuse what is no URL and to name a service after its host.
std::optional<Url> parse_url(std::string_view url, std::string& why) {
  why = "expected http://host[:port]/path or https://...";
  if (url.starts_with("http://")) {
    url.remove_prefix(7);
  } else if (url.starts_with("https://")) {
    url.remove_prefix(8);
  } else {
    return std::nullopt;
  }
  if (std::any_of(url.begin(), url.end(), [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f; })) {
    return std::nullopt;
  }
  std::string_view authority = url.substr(0, url.find_first_of("/?#"));
  if (authority.find('@') != std::string_view::npos) {
    why = "a URL with a user or password is not taken here; give the service headers in application.yml";
    return std::nullopt;
  }
  std::string_view host = authority;
  std::string_view port;
  if (authority.starts_with('[')) {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    host = authority.substr(0, close + 1);
    port = authority.substr(close + 1);
  } else if (const std::size_t colon = authority.find(':'); colon != std::string_view::npos) {
    host = authority.substr(0, colon);
    port = authority.substr(colon);
  }
  if (host.empty()) return std::nullopt;
  if (!port.empty()) {
    const auto number = port.front() == ':' ? parse_integer(port.substr(1)) : std::nullopt;
    if (!number || *number < 1 || *number > 65535) return std::nullopt;
  }
  return Url{std::string(host)};
}

// A host that says which machine, not which service.
bool is_address(std::string_view host) {
  return host == "localhost" || host.starts_with('[') ||
         host.find_first_not_of("0123456789.") == std::string_view::npos;
}

class Parser {
 public:
  explicit Parser(std::span<const std::string> arguments) : arguments_(arguments) {}

  CommandLine run() {
    for (at_ = 0; at_ < arguments_.size(); ++at_) {
      if (is_word(arguments_[at_])) {
        command();
        break;
      }
      argument(arguments_[at_]);
    }
    return std::move(out_);
  }

 private:
  static bool is_word(const std::string& text) {
    return !text.empty() && std::isalnum(static_cast<unsigned char>(text.front())) != 0;
  }

  // What follows belongs to the command: its options are not ours.
  void command() {
    out_.command.assign(arguments_.begin() + static_cast<std::ptrdiff_t>(at_), arguments_.end());
    const bool other = out_.check_config || out_.print_config || out_.list_plugins || out_.daemon || out_.pidfile;
    if (other) {
      problem("'" + out_.command.front() + "' is a command: it does not go together with --check-config, " +
              "--print-config, --list-plugins, --daemon or --pidfile");
    }
  }

  void argument(const std::string& text) {
    const std::size_t equals = text.find('=');
    const std::string name = text.substr(0, equals);
    const std::optional<std::string> attached =
        equals == std::string::npos ? std::nullopt : std::optional(text.substr(equals + 1));
    const auto option = std::find_if(kOptions.begin(), kOptions.end(), [&](const Option& candidate) {
      return name == candidate.name || (!candidate.letter.empty() && name == candidate.letter);
    });
    if (option != kOptions.end()) {
      known(*option, attached);
    } else if (name.starts_with("--") && name.find_first_of(".[") != std::string::npos) {
      property(name.substr(2), attached);
    } else {
      unknown(name);
    }
  }

  void known(const Option& option, std::optional<std::string> value) {
    const std::string name(option.name);
    if (option.argument.empty()) {
      if (value) return problem(name + " takes no value, but got '" + *value + "'");
      return flag(name);
    }
    if (!value && at_ + 1 < arguments_.size() && !arguments_[at_ + 1].starts_with("--")) value = arguments_[++at_];
    if (!value || value->empty()) return problem(name + " needs a value: " + name + "=" + std::string(option.argument));
    if (name == "--profile") {
      out_.profiles.push_back(*value);
    } else if (name == "--upstream") {
      upstream(*value);
    } else {
      std::optional<std::string>& target = name == "--config" ? out_.config : out_.pidfile;
      if (target) return problem(name + " is given twice: '" + *target + "' and '" + *value + "'");
      target = *value;
    }
  }

  void flag(const std::string& name) {
    if (name == "--check-config") out_.check_config = true;
    if (name == "--print-config") out_.print_config = true;
    if (name == "--list-plugins") out_.list_plugins = true;
    if (name == "--daemon") out_.daemon = true;
    if (name == "--version") out_.version = true;
    if (name == "--help") out_.help = true;
  }

  void property(const std::string& key, const std::optional<std::string>& value) {
    const auto path = parse_key(key);
    if (!path || path->front().index)
      return problem("'--" + key + "' is no key: write --server.port=8052 or --list.key[0]=value");
    if (!value) return problem("--" + key + " needs a value: --" + key + "=VALUE");
    out_.properties.push_back({key, *value});
  }

  void upstream(const std::string& text) {
    // The first '=' before "://" ends the name; later ones belong to the URL.
    const std::size_t scheme = text.find("://");
    const std::size_t equals = text.find('=');
    const bool named = equals != std::string::npos && (scheme == std::string::npos || equals < scheme);
    std::string name = named ? text.substr(0, equals) : "";
    const std::string url = named ? text.substr(equals + 1) : text;
    std::string why;
    const auto parsed = parse_url(url, why);
    if (!parsed) return problem("--upstream '" + url + "': " + why);
    if (named && (name.empty() || name.find_first_of("/ \t") != std::string::npos)) {
      return problem("--upstream '" + text + "': '" + name + "' is no name of a service");
    }
    if (!named) {
      name = is_address(parsed->host) ? "default" : parsed->host;
      if (const auto [twin, fresh] = unnamed_.emplace(name, url); !fresh) {
        return problem("--upstream " + twin->second + " and --upstream " + url + " would both be the service '" + name +
                       "': name them (--upstream NAME=URL; the same NAME for instances of one service)");
      }
    }
    out_.upstreams.push_back({name, url});
  }

  void unknown(const std::string& name) {
    if (!name.starts_with('-') || name == "-" || name == "--") return problem("unexpected argument '" + name + "'");
    std::vector<std::string> names;
    for (const Option& option : kOptions) names.emplace_back(option.name);
    std::string text = "unknown option '" + name + "'";
    if (const auto near = nearest(name, names)) text += "; did you mean '" + *near + "'?";
    problem(text + " (--help shows all)");
  }

  void problem(std::string text) { out_.problems.push_back(std::move(text)); }

  std::span<const std::string> arguments_;
  std::size_t at_ = 0;
  CommandLine out_;
  std::map<std::string, std::string> unnamed_;
};

}  // namespace

CommandLine parse_command_line(std::span<const std::string> arguments) { return Parser(arguments).run(); }

Node command_line_layer(const CommandLine& line, Problems& problems) {
  Node layer;
  for (const CommandLine::Property& property : line.properties) {
    const Origin origin = Origin::of("command line --" + property.key);
    const Path path = *parse_key(property.key);
    Node value = Node::scalar(property.value, origin);
    std::string why;
    if (!insert(layer, path, std::move(value), origin, why)) problems.push_back({origin, why});
  }
  if (line.upstreams.empty()) return layer;
  const Origin origin = Origin::of("command line --upstream");
  Node services = Node::list(origin);
  std::map<std::string, std::size_t> places;
  for (const Upstream& upstream : line.upstreams) {
    const auto [place, fresh] = places.emplace(upstream.name, services.items.size());
    if (fresh) {
      Node service = Node::map(origin);
      service.entries.push_back({"name", Node::scalar(upstream.name, origin, true), origin});
      service.entries.push_back({"urls", Node::list(origin), origin});
      services.items.push_back(std::move(service));
    }
    services.items[place->second].find("urls")->items.push_back(Node::scalar(upstream.url, origin, true));
  }
  const Path path = *parse_key("mcp.router.services");
  if (layer.find(path)) {
    problems.push_back({origin, "--upstream and --mcp.router.services cannot be given together"});
    return layer;
  }
  std::string why;
  if (!insert(layer, path, std::move(services), origin, why)) problems.push_back({origin, why});
  return layer;
}

std::string usage() {
  std::string out =
      "mcp-router: one address for many MCP servers\n\n"
      "usage: mcp-router [options] [--any.key=value ...]\n"
      "       mcp-router [options] [--any.key=value ...] COMMAND ...\n\n";
  for (const Option& option : kOptions) {
    std::string left = "  " + (option.letter.empty() ? std::string("    ") : std::string(option.letter) + ", ") +
                       std::string(option.name);
    if (!option.argument.empty()) left += " " + std::string(option.argument);
    left.resize(std::max<std::size_t>(left.size() + 2, 30), ' ');
    out += left + std::string(option.help) + "\n";
  }
  out +=
      "\nAny key of the configuration can be given as --key=value; lists with commas or as key[0]=value.\n"
      "  mcp-router --upstream http://127.0.0.1:3001/mcp\n"
      "  mcp-router --config /etc/mcp-router/application.yml --profile multi-instance --server.port=8051\n";
  return out;
}

}  // namespace mcpr::config
