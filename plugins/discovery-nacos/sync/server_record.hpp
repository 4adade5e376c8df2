// One MCP server of the registry: gathers its parts and puts it on the board once they are all there. Its content comes
// from the documents that it is stored in, which Nacos pushes; or from the detail by HTTP, where it does not, and where
// this Nacos stores servers in another way. One thread.
#pragma once

#include <map>
#include <set>
#include <string>

#include "model/mcp_server.hpp"
#include "model/mcp_service.hpp"
#include "parts.hpp"

namespace mcpr::nacos {

class ServerRecord {
 public:
  struct Owner {
    std::function<void()> want_detail;  // answered by detailed
    std::function<void()> settled;      // it is published, or known not to be
  };
  // id: empty for a Nacos that has none; then `name` identifies the server.
  ServerRecord(Parts& parts, std::string ns, std::string id, std::string name, Rank rank, Owner owner);
  ~ServerRecord();
  ServerRecord(const ServerRecord&) = delete;
  ServerRecord& operator=(const ServerRecord&) = delete;

  void use(Way way);
  void listed(Summary summary);  // what the list says
  void refresh();                // somebody says that it has changed

  Api::Parameters detail_parameters() const;
  bool detailed(const Reply& reply);  // false: ask again later

  bool settled() const { return settled_; }
  bool absent() const { return absent_; }  // Nacos does not have it (any more)

 private:
  using ConfigInterest = Configs::Table::Interest;
  using ServiceInterest = Naming::Table::Interest;

  bool by_documents() const { return way_ == Way::push && !id_.empty() && !undocumented_; }
  void evaluate();
  const Document* document(ConfigInterest& interest, std::string_view group, std::string data_id);
  bool choose_version(const Summary& summary);  // false: nothing of it is to be shown
  void gather(const std::string& version);
  bool gather_hosts(const Server& server);
  void show(Mapped mapped, const Server& server);
  void hide();
  void gone();
  void settle();
  void problem(const std::string& text);
  void wait_for(const std::string& what);

  Parts& parts_;
  std::string ns_, id_, name_, origin_;
  Rank rank_;
  Owner owner_;
  Way way_ = Way::none;
  std::optional<Summary> summary_;  // of the list
  ConfigInterest versions_, server_, tools_;
  std::map<ServiceKey, ServiceInterest> services_;
  std::pair<std::string, std::vector<sdk::Tool>> known_tools_;  // the document, and what stood there last
  std::set<ServiceKey> claimed_;
  std::set<std::string> noted_;
  bool settled_ = false;
  bool absent_ = false;
  bool undocumented_ = false;  // listed, and not stored in documents that we know
  std::string missing_;
  Agenda::Alarm patience_;
};

}  // namespace mcpr::nacos
