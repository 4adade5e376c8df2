#include "server_record.hpp"

#include <algorithm>

#include "http_forms.hpp"

namespace mcpr::nacos {
namespace {

// A document may be readable a little later than the one that refers to it.
constexpr Millis kPatience{5'000};

std::string origin_of(const std::string& ns, const std::string& id, const std::string& name) {
  return "the MCP server " + (id.empty() ? "'" + name + "'" : id) + " of namespace " + ns;
}

}  // namespace

ServerRecord::ServerRecord(Parts& parts, std::string ns, std::string id, std::string name, Rank rank, Owner owner)
    : parts_(parts),
      ns_(std::move(ns)),
      id_(std::move(id)),
      name_(std::move(name)),
      origin_(origin_of(ns_, id_, name_)),
      rank_(rank),
      owner_(std::move(owner)),
      patience_(parts.agenda, [this] {
        problem(missing_);
        settle();
      }) {}

ServerRecord::~ServerRecord() {
  hide();
  parts_.problems.clear(origin_);
}

void ServerRecord::use(Way way) {
  way_ = way;
  settled_ = false;
  undocumented_ = false;
  patience_.cancel();
  if (way_ == Way::poll) {
    versions_.reset();
    server_.reset();
    tools_.reset();
    services_.clear();
  }
  if (by_documents()) evaluate();
}

void ServerRecord::listed(Summary summary) {
  if (name_.empty()) name_ = summary.name;
  summary_ = std::move(summary);
  if (by_documents()) return evaluate();
  if (choose_version(*summary_)) owner_.want_detail();
}

void ServerRecord::refresh() {
  if (by_documents()) {
    if (versions_) parts_.configs.refresh(versions_.key());
  } else if (way_ != Way::none) {
    owner_.want_detail();
  }
}

Api::Parameters ServerRecord::detail_parameters() const {
  Api::Parameters out{{"namespaceId", ns_}};
  out.emplace_back(id_.empty() ? "mcpName" : "mcpId", id_.empty() ? name_ : id_);
  // Without it Nacos answers the version that was made last, be it an unpublished draft.
  if (summary_ && !summary_->version.empty()) out.emplace_back("version", summary_->version);
  return out;
}

bool ServerRecord::detailed(const Reply& reply) {
  if (by_documents()) return true;
  if (reply.code == 404) {
    gone();
    return true;
  }
  if (!reply.ok) {
    if (reply.code != 0) {
      problem(origin_ + ": " + reply.error);
      settle();
    }
    return !may_pass(reply);
  }
  Detail detail;
  std::string error;
  if (!read_detail(reply.body, ns_, detail, error)) {
    problem(origin_ + ": " + error);
  } else {
    if (detail.server.version.empty() && summary_) detail.server.version = summary_->version;
    show(to_service(detail), detail.server);
  }
  settle();
  return true;
}

// Starts from nothing each time; what is still to come calls it again.
void ServerRecord::evaluate() {
  if (way_ != Way::push || id_.empty()) return;
  const Document* versions = document(versions_, kVersionsGroup, versions_document(id_));
  if (!versions) return;
  // Of one namespace either all can be read or none.
  const std::string all = "the documents of namespace " + ns_;
  if (!versions->error.empty()) {
    parts_.problems.set(all, "the MCP servers of namespace " + ns_ + " cannot be read: " + versions->error);
    return settle();
  }
  parts_.problems.clear(all);
  if (!versions->present) {
    if (!summary_) return gone();
    undocumented_ = true;
    owner_.want_detail();
    return;
  }
  Summary summary;
  std::string error;
  if (!read_versions_document(versions->text, summary, error)) {
    problem(versions_.key().str() + ": " + error);
    return settle();
  }
  absent_ = undocumented_ = false;
  if (choose_version(summary)) gather(summary.version);
}

const Document* ServerRecord::document(ConfigInterest& interest, std::string_view group, std::string data_id) {
  const ConfigKey key{ns_, std::string(group), std::move(data_id)};
  if (!interest || interest.key() != key) interest = parts_.configs.watch(key, [this] { evaluate(); });
  return parts_.configs.find(key);
}

bool ServerRecord::choose_version(const Summary& summary) {
  const bool shown = !summary.version.empty() && parts_.options.names.takes(summary.name);
  if (shown) return true;
  server_.reset();
  tools_.reset();
  services_.clear();
  hide();
  settle();
  return false;
}

void ServerRecord::gather(const std::string& version) {
  const Document* document_of_server = document(server_, kServerGroup, server_document(id_, version));
  if (!document_of_server) return;
  if (!document_of_server->present) {
    return wait_for(document_of_server->error.empty() ? server_.key().str() + " is missing"
                                                      : document_of_server->error);
  }
  Server server;
  std::string error;
  if (!read_server_document(document_of_server->text, ns_, server, error)) {
    problem(server_.key().str() + ": " + error);
    return settle();
  }
  server.id = id_;
  if (server.version.empty()) server.version = version;
  if (server.tools_document.empty()) {
    tools_.reset();
  } else {
    const Document* tools = document(tools_, kToolsGroup, server.tools_document);
    if (!tools) return;
    if (tools->present && !read_tools_document(tools->text, server, error)) {
      parts_.note(tools_.key().str() + ": " + error);
    }
    // Nacos removes a server piece by piece: what is about to go altogether is not shown without its tools first.
    if (tools->present) {
      known_tools_ = {server.tools_document, server.tools};
    } else if (known_tools_.first == server.tools_document) {
      server.tools = known_tools_.second;
    }
  }
  if (!gather_hosts(server)) return;
  const auto hosts_of = [this](const ServiceKey& key) -> const std::vector<Host>* {
    const Instances* instances = parts_.naming.find(key);
    return instances ? &instances->hosts : nullptr;
  };
  show(to_service(server, hosts_of), server);
  settle();
}

bool ServerRecord::gather_hosts(const Server& server) {
  std::map<ServiceKey, ServiceInterest> wanted;
  bool complete = true;
  for (const ServiceKey& key : wanted_services(server)) {
    const auto had = services_.find(key);
    wanted[key] = had != services_.end() ? std::move(had->second) : parts_.naming.watch(key, [this] { evaluate(); });
    const Instances* instances = parts_.naming.find(key);
    if (!instances) complete = false;
    if (instances && !instances->error.empty()) problem(origin_ + ": " + instances->error);
  }
  services_ = std::move(wanted);
  return complete;
}

void ServerRecord::show(Mapped mapped, const Server& server) {
  absent_ = false;
  for (const std::string& note : mapped.notes) {
    if (noted_.insert(note).second) parts_.note("MCP server '" + server.name + "': " + note);
  }
  std::set<ServiceKey> claims;
  if (server.ref) claims.insert(server.ref->key);
  parts_.claims.change(claimed_, std::move(claims));
  parts_.board.put(origin_, rank_, std::move(mapped.service));
  const bool known = std::all_of(services_.begin(), services_.end(), [this](const auto& item) {
    const Instances* instances = parts_.naming.find(item.first);
    return instances && instances->error.empty();
  });
  if (known) parts_.problems.clear(origin_);
}

void ServerRecord::hide() {
  parts_.claims.change(claimed_, {});
  parts_.board.remove(origin_);
}

void ServerRecord::gone() {
  absent_ = true;
  undocumented_ = false;
  server_.reset();
  tools_.reset();
  services_.clear();
  hide();
  parts_.problems.clear(origin_);
  settle();
}

void ServerRecord::settle() {
  patience_.cancel();
  if (std::exchange(settled_, true)) return;
  owner_.settled();
}

void ServerRecord::problem(const std::string& text) { parts_.problems.set(origin_, text); }

void ServerRecord::wait_for(const std::string& what) {
  missing_ = what;
  if (!settled_) return patience_.sooner(kPatience);
  if (!patience_.set()) patience_.after(kPatience);
}

}  // namespace mcpr::nacos
