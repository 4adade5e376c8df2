#include "config/settings.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <mcpr/url.hpp>

#include "config/fields.hpp"

namespace mcpr::nacos {
namespace {

namespace json = boost::json;

// Of Nacos' own Java client, which takes them under the same prefix: what they tune is not there, or done otherwise.
constexpr std::array kOfJavaClient = std::to_array<std::string_view>(
    {"clustername", "configlongpolltimeout", "configretrytime", "enableremotesyncconfig", "encode", "endpointport",
     "endpointcontextpath", "endpointclustername", "endpointqueryparams", "ip", "isuseendpointparsingrule",
     "isusecloudnamespaceparsing", "logallproperties", "maxretry", "namingasyncquerysubscribeservice",
     "namingcacheregistrydir", "namingclientbeatthreadcount", "namingloadcacheatstart", "namingpollingthreadcount",
     "namingpushemptyprotection", "namingrequestdomainretrycount", "ramrolename", "signatureregionid",
     // of mcp-router-v3 and Spring AI Alibaba
     "apitimeout", "apiconnecttimeout", "client", "register", "servicenames"});

std::string uniform(std::string_view key) {
  std::string out;
  for (char c : key) {
    if (c != '-' && c != '_') out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

bool is_of_java_client(std::string_view key) {
  return std::find(kOfJavaClient.begin(), kOfJavaClient.end(), uniform(key)) != kOfJavaClient.end();
}

class Reader {
 public:
  Reader(const json::object& object, Settings& out) : object_(object), out_(out), fields_(object, "", errors_) {}

  std::string read() {
    drop_what_is_of_others();
    read_connection();
    read_grpc();
    read_credentials();
    read_choice();
    read_v3();
    read_announce();
    read_intervals();
    fields_.finish(others_);
    std::string all;
    for (const std::string& error : errors_) all += (all.empty() ? "" : "; ") + error;
    return all;
  }

 private:
  void drop_what_is_of_others() {
    std::string ignored;
    for (const auto& member : object_) {
      const std::string_view key(member.key().data(), member.key().size());
      if (key != "base-dir") out_.configured = true;
      if (!is_of_java_client(key)) continue;
      others_.push_back(key);
      ignored += (ignored.empty() ? "" : ", ") + std::string(key);
    }
    if (!ignored.empty()) out_.notes.push_back("keys that say nothing here are ignored: " + ignored);
  }

  void read_connection() {
    fields_.flag("enabled", out_.enabled);
    fields_.text("base-dir", base_dir_);
    bool tls = false;
    if (const json::value* value = fields_.take("tls"); value && value->is_bool()) {
      tls = value->get_bool();
    } else if (const json::object* section = fields_.section("tls")) {
      Fields in(*section, "tls.", errors_);
      tls = true;
      in.flag("enabled", tls);
      in.text("ca-file", out_.tls.ca_file);
      in.text("cert-file", out_.tls.cert_file);
      in.text("key-file", out_.tls.key_file);
      in.finish();
      if (out_.tls.cert_file.empty() != out_.tls.key_file.empty()) {
        errors_.emplace_back("tls: cert-file and key-file are given together or not at all");
      }
      for (std::string* file : {&out_.tls.ca_file, &out_.tls.cert_file, &out_.tls.key_file}) {
        if (!file->empty() && file->front() != '/' && !base_dir_.empty()) *file = base_dir_ + "/" + *file;
      }
    }
    out_.grpc.tls = tls;
    std::string context = "nacos";
    fields_.text("context-path", context);
    std::vector<std::string> words;
    fields_.words("server-addr", words);
    std::string endpoint;
    fields_.text("endpoint", endpoint);
    if (!endpoint.empty() && words.empty()) {
      fields_.fail("endpoint", "address servers are not supported: name the servers in server-addr");
    }
    if (words.empty()) words.emplace_back("127.0.0.1:8848");
    for (const std::string& word : words) {
      Address address;
      std::string error;
      if (!parse_address(word, normal_context(context), tls, address, error)) {
        fields_.fail("server-addr", error);
      } else if (std::find(out_.servers.begin(), out_.servers.end(), address) == out_.servers.end()) {
        out_.servers.push_back(std::move(address));
      }
    }
    fields_.duration("timeout", out_.timeout);
  }

  void read_grpc() {
    if (const json::value* value = fields_.take("grpc"); value && value->is_bool()) {
      out_.grpc.on = value->get_bool();
    } else if (const json::object* section = fields_.section("grpc")) {
      Fields in(*section, "grpc.", errors_);
      std::size_t port = 0, offset = out_.grpc.port_offset;
      in.flag("enabled", out_.grpc.on);
      in.count("port", port, 1, 65'535);
      in.count("port-offset", offset, 0, 65'534);
      in.flag("tls", out_.grpc.tls);
      in.finish();
      out_.grpc.port = static_cast<unsigned>(port);
      out_.grpc.port_offset = static_cast<unsigned>(offset);
    }
    for (const Address& server : out_.servers) {
      if (out_.grpc.on && out_.grpc.port == 0 && server.port + out_.grpc.port_offset > 65'535) {
        errors_.push_back("grpc: the port of " + server.authority() + " plus " + std::to_string(out_.grpc.port_offset) +
                          " is no port: set grpc.port");
      }
    }
  }

  void read_credentials() {
    fields_.text("username", out_.username);
    fields_.text("password", out_.password);
    fields_.text("access-key", out_.access_key);
    fields_.text("secret-key", out_.secret_key);
    if (out_.username.empty() && !out_.password.empty()) fields_.fail("password", "is given without a username");
    if (out_.access_key.empty() != out_.secret_key.empty()) {
      errors_.emplace_back("access-key and secret-key are given together or not at all");
    }
  }

  void read_choice() {
    std::vector<std::string> namespaces, more;
    fields_.words("namespace", namespaces);
    fields_.words("namespaces", more);
    namespaces.insert(namespaces.end(), more.begin(), more.end());
    std::vector<std::string>& to = out_.sync.namespaces;
    if (!namespaces.empty()) to.clear();
    for (const std::string& name : namespaces) {
      const std::string normal = normal_namespace(name);
      if (std::find(to.begin(), to.end(), normal) == to.end()) to.push_back(normal);
    }
    fields_.flag("mcp-registry", out_.sync.registry);
    if (const json::value* groups = fields_.take("groups")) {
      if (const json::array* list = groups->if_array()) {
        for (const json::value& item : *list) read_group(item);
      } else {
        read_group(*groups);
      }
    }
    fields_.words("include", out_.sync.names.include);
    fields_.words("exclude", out_.sync.names.exclude);
    fields_.pairs("metadata", out_.sync.metadata);
    fields_.text("default-protocol", out_.sync.default_protocol);
    std::string reason;
    const url::Wire wire = url::wire_of(out_.sync.default_protocol, "", reason);
    if (wire != url::Wire::sse && wire != url::Wire::streamable_http) fields_.fail("default-protocol", reason);
    fields_.flag("short-names", out_.sync.short_names);
  }

  void read_group(const json::value& item) {
    if (const json::object* section = item.if_object()) {
      Fields in(*section, "groups.", errors_);
      std::string name, rules = "plain";
      in.text("name", name);
      in.text("rules", rules);
      in.finish();
      if (name.empty()) errors_.emplace_back("groups: a group needs a name");
      if (rules != "plain" && rules != "mcp-router-v3") {
        in.fail("rules", "expected plain or mcp-router-v3, found '" + rules + "'");
      }
      return add_group(name, rules == "mcp-router-v3");
    }
    std::vector<std::string> names;
    if (!word_list(item, names)) fields_.fail("groups", "expected a name or a section, found " + json::serialize(item));
    for (const std::string& name : names) add_group(name, false);
  }

  void add_group(const std::string& name, bool v3) {
    std::vector<Options::Group>& to = out_.sync.groups;
    const auto same = [&](const Options::Group& group) { return group.name == name; };
    if (!name.empty() && std::none_of(to.begin(), to.end(), same)) to.push_back({name, v3});
  }

  void read_v3() {
    const json::object* section = fields_.section("registry");
    if (!section) return;
    Fields in(*section, "registry.", errors_);
    bool on = true;
    std::vector<std::string> groups{"mcp-server"};
    in.flag("enabled", on);
    in.words("service-groups", groups);
    in.text("service-group", out_.sync.announce_group);
    in.finish({"service-name", "app-name", "src-user"});
    for (const std::string& name : groups) {
      if (on) add_group(name, true);
    }
  }

  void read_announce() {
    out_.sync.announce_namespace = out_.sync.namespaces.front();
    if (const json::object* section = fields_.section("announce")) {
      Fields in(*section, "announce.", errors_);
      in.text("group", out_.sync.announce_group);
      in.text("namespace", out_.sync.announce_namespace);
      in.finish();
      out_.sync.announce_namespace = normal_namespace(out_.sync.announce_namespace);
    }
    if (out_.sync.announce_group.empty()) out_.sync.announce_group = kDefaultGroup;
  }

  void read_intervals() {
    fields_.duration("poll-interval", out_.sync.poll);
    fields_.duration("check-interval", out_.sync.count_check);
    fields_.duration("grace", out_.sync.grace);
    fields_.count("watch-limit", out_.sync.watch_limit, 0, 1'000'000);
    fields_.count("page-size", out_.sync.page_size, 1, 1'000);
  }

  const json::object& object_;
  Settings& out_;
  std::vector<std::string> errors_;
  std::vector<std::string_view> others_;
  std::string base_dir_;
  Fields fields_;
};

}  // namespace

bool read_settings(std::string_view text, Settings& out, std::string& error) {
  if (text.empty()) text = "{}";
  json::error_code bad;
  const json::value root = json::parse(text, bad);
  if (bad || !root.is_object()) {
    error = "the configuration is not a JSON object";
    return false;
  }
  Settings settings;
  error = Reader(root.get_object(), settings).read();
  if (!error.empty()) return false;
  out = std::move(settings);
  return true;
}

}  // namespace mcpr::nacos
