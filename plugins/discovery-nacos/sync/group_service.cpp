#include "group_service.hpp"

namespace mcpr::nacos {
namespace {

constexpr std::string_view kOldService = "-mcp-service";

// The version that an instance was registered with.
std::string version_in(const std::vector<Host>& hosts) {
  for (const Host& host : hosts) {
    for (const auto& [key, value] : host.metadata) {
      if (key == "version" && !value.empty()) return value;
    }
  }
  return {};
}

}  // namespace

GroupService::GroupService(Parts& parts, ServiceKey key, const NamingRules& rules, Rank rank,
                           std::function<void()> on_settled)
    : parts_(parts),
      key_(std::move(key)),
      rules_(rules),
      rank_(rank),
      origin_("the service " + key_.str()),
      short_origin_("the short name of " + key_.str()),
      on_settled_(std::move(on_settled)),
      instances_(parts.naming.watch(key_, [this] { evaluate(); })) {}

GroupService::~GroupService() {
  hide();
  parts_.problems.clear(origin_);
}

void GroupService::evaluate() {
  if (parts_.claims.has(key_)) {
    hide();
    return settle();
  }
  const Instances* instances = parts_.naming.find(key_);
  if (!instances) return;
  if (!instances->error.empty()) {
    parts_.problems.set(origin_, instances->error);
    return settle();
  }
  parts_.problems.clear(origin_);
  // One that nothing has ever been seen of may be no MCP server at all.
  if (instances->hosts.empty() && !parts_.board.has(origin_)) return settle();
  Server documents;
  const Documents state = rules_.v3 ? gather(instances->hosts, documents) : Documents::none;
  if (state == Documents::awaited) return;
  std::optional<Mapped> mapped =
      to_service(key_, instances->hosts, rules_, state == Documents::known ? &documents : nullptr);
  mapped ? show(std::move(*mapped)) : hide();
  settle();
}

const Document* GroupService::document(ConfigInterest& interest, std::string_view group, std::string data_id) {
  const ConfigKey key{key_.ns, std::string(group), std::move(data_id)};
  if (!interest || interest.key() != key) interest = parts_.configs.watch(key, [this] { evaluate(); });
  return parts_.configs.find(key);
}

// The documents are named after the UUID of the service's name and a version, which a further one tells; in an older
// form, after the application alone.
GroupService::Documents GroupService::gather(const std::vector<Host>& hosts, Server& out) {
  const std::string name(split_version(key_.name).first);
  const std::string id = uuid_of_name(name);
  const Document* versions = document(versions_, kVersionsGroup, versions_document(id));
  if (!versions) return Documents::awaited;
  Summary summary;
  std::string error;
  if (versions->present && !read_versions_document(versions->text, summary, error)) {
    parts_.note(versions_.key().str() + ": " + error);
  }
  const std::string version = summary.version.empty() ? version_in(hosts) : summary.version;
  std::string server = server_document(id, version), tools = tools_document(id, version);
  if (version.empty() || name.ends_with(kOldService)) {
    if (!name.ends_with(kOldService)) return Documents::none;
    const std::string application = name.substr(0, name.size() - kOldService.size());
    server = application + "-mcp-server.json";
    tools = application + "-mcp-tools.json";
  }
  const Document* found = document(server_, kServerGroup, std::move(server));
  if (!found) return Documents::awaited;
  if (!found->present) return Documents::none;
  return read(*found, tools, out);
}

GroupService::Documents GroupService::read(const Document& found, const std::string& tools_document, Server& out) {
  std::string error;
  if (!read_server_document(found.text, key_.ns, out, error)) {
    parts_.note(server_.key().str() + ": " + error);
    return Documents::none;
  }
  const Document* tools =
      document(tools_, kToolsGroup, out.tools_document.empty() ? tools_document : out.tools_document);
  if (!tools) return Documents::awaited;
  if (tools->present && !read_tools_document(tools->text, out, error)) {
    parts_.note(tools_.key().str() + ": " + error);
  }
  return Documents::known;
}

void GroupService::show(Mapped mapped) {
  for (const std::string& note : mapped.notes) {
    if (noted_.insert(note).second) parts_.note("service " + key_.str() + ": " + note);
  }
  if (rules_.v3 && parts_.options.short_names) {
    if (const std::string_view name = short_name(mapped.service.name); !name.empty()) {
      sdk::Service shortened = mapped.service;
      shortened.metadata.emplace_back("nacos.short-name-of", shortened.name);
      shortened.name = name;
      Rank rank = rank_;
      rank.kind = Rank::Kind::short_name;
      parts_.board.put(short_origin_, rank, std::move(shortened));
    }
  }
  parts_.board.put(origin_, rank_, std::move(mapped.service));
}

void GroupService::hide() {
  parts_.board.remove(short_origin_);
  parts_.board.remove(origin_);
}

void GroupService::settle() {
  if (std::exchange(settled_, true)) return;
  on_settled_();
}

}  // namespace mcpr::nacos
