// Looks services up in a folder: a file has the name of the service and holds words, one a line.
//   127.0.0.1 PORT PATH   an instance
//   later MS              the answer comes after so long
//   down                  the registry cannot be reached
// Every look-up adds the name to the file `log` of the configuration.
#include <fstream>
#include <list>
#include <mcpr/sdk.hpp>
#include <memory>
#include <sstream>
#include <string>

namespace {

namespace sdk = mcpr::sdk;

// The text of a member of the configuration; it holds no escapes.
std::string member(std::string_view config, const std::string& key) {
  const std::size_t at = config.find("\"" + key + "\":\"");
  if (at == std::string_view::npos) throw sdk::Error(MCPR_E_CONFIG, key + " is missing");
  const std::size_t from = at + key.size() + 4;
  return std::string(config.substr(from, config.find('"', from) - from));
}

class PhoneBook final : public sdk::Discovery {
 public:
  explicit PhoneBook(const Context& context)
      : Discovery(context), folder_(member(context.config, "folder")), log_(member(context.config, "log")) {}

  void start() override {
    health(MCPR_HEALTH_UP);
    synced();
  }

  void lookup(std::string_view name, sdk::Answer answer) override {
    std::ofstream(log_, std::ios::app) << name << '\n';
    std::ifstream page(folder_ + "/" + std::string(name));
    if (!page) return answer.fail(MCPR_E_NOT_FOUND, "nobody of that name");
    sdk::Service service;
    service.name = name;
    std::uint64_t wait = 0;
    for (std::string line; std::getline(page, line);) {
      std::istringstream words(line);
      std::string word;
      words >> word;
      if (word == "down") return answer.fail(MCPR_E_UNAVAILABLE, "the line is dead");
      if (word == "later") {
        words >> wait;
        continue;
      }
      sdk::Instance& instance = service.instances.emplace_back();
      instance.host = word;
      words >> instance.port >> instance.path;
    }
    if (wait == 0) return answer.found(service);
    waiting_.push_back(std::make_unique<sdk::Timer>(host(), [answer, service] { answer.found(service); }));
    waiting_.back()->once(wait);
  }

  void stop(sdk::Answer done) override {
    waiting_.clear();
    done.ok();
  }

 private:
  const std::string folder_, log_;
  std::list<std::unique_ptr<sdk::Timer>> waiting_;
};

}  // namespace

MCPR_PLUGIN(PhoneBook, .id = "phone-book", .version = "0.1", .config_schema = R"({"type": "object"})",
            .vendor = "tests", .description = "Services by name, from a folder", .license = "none")
