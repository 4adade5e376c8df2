// A discovery plugin whose version, services and faults are settings of the compiler. Its services have one instance
// each, at the port of its configuration.
#include <charconv>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "mcpr/sdk.hpp"

#ifndef ID
#define ID "versioned"
#endif
#ifndef DESCRIPTION
#define DESCRIPTION "of all"
#endif
#ifndef FLAGS
#define FLAGS MCPR_PLUGIN_UNLOADABLE
#endif

namespace {

namespace sdk = mcpr::sdk;

#ifdef PINNED
// The thread that has touched it keeps the library mapped.
struct Pin {
  ~Pin() { value = 0; }
  int value = 1;
};
thread_local Pin pin;
#endif

// The number behind "port": in {"port": 8080}; 9 where there is none.
std::uint16_t port_of(std::string_view config) {
  std::uint16_t port = 9;
  const auto at = config.find("\"port\":");
  if (at == std::string_view::npos) return port;
  config.remove_prefix(at + 7);
  while (!config.empty() && (config.front() == ' ' || config.front() == '"')) config.remove_prefix(1);
  std::from_chars(config.data(), config.data() + config.size(), port);
  return port;
}

class Versioned : public sdk::Discovery {
 public:
  explicit Versioned(const Context& context) : Discovery(context), port_(port_of(context.config)) {
#ifdef PINNED
    pin.value = 2;
#endif
  }

  void start() override {
#ifdef START_FAILS
    throw std::runtime_error("the registry has moved");
#endif
    host().info("started " VERSION);
    std::string_view names = SERVICES;
    while (!names.empty()) {
      const std::string_view name = names.substr(0, names.find(','));
      names.remove_prefix(std::min(name.size() + 1, names.size()));
      publish_one(name);
    }
#ifdef DOWN
    health(MCPR_HEALTH_DOWN, "nobody answers");
    synced();
#else
    health(MCPR_HEALTH_UP);
#ifndef SILENT
    synced();
#endif
#endif
  }

  void lookup(std::string_view name, sdk::Answer answer) override {
    if (name == "slow@G") {
      waiting_.emplace(answer);  // until it is stopped
      return;
    }
    if (name.find('@') == std::string_view::npos) throw sdk::Error(MCPR_E_NOT_FOUND, "no such service");
    answer.found(service(name));
  }

  void stop(sdk::Answer done) override {
    host().info("stopping " VERSION);
#ifdef STUBBORN
    never_.emplace(done);
#else
    waiting_.reset();
    done.ok();
#endif
  }

 private:
  sdk::Service service(std::string_view name) const {
    sdk::Service out;
    out.name = name;
    out.description = std::string(DESCRIPTION) + " " + std::string(name);
    sdk::Instance instance;
    instance.host = "127.0.0.1";
    instance.port = port_;
    out.instances.push_back(instance);
    return out;
  }
  void publish_one(std::string_view name) { publish(service(name)); }

  const std::uint16_t port_;
  std::optional<sdk::Answer> waiting_, never_;
};

#ifdef MORE_PREFIXES
constexpr const char* kPrefixes[] = {"mcp.router.versioned", "mcp.router.versioned-more", nullptr};
#else
constexpr const char* kPrefixes[] = {"mcp.router.versioned", nullptr};
#endif

}  // namespace

MCPR_PLUGIN(Versioned, .id = ID, .version = VERSION, .config_prefixes = kPrefixes,
            .config_schema = R"({"type": "object", "properties": {"port": {"type": "integer"}}})", .flags = FLAGS)
