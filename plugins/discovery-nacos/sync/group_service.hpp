// One service of plain naming: its instances, and what mcp-router-v3's config documents say of it. One thread.
#pragma once

#include <functional>
#include <string>

#include "model/naming_service.hpp"
#include "parts.hpp"

namespace mcpr::nacos {

class GroupService {
 public:
  GroupService(Parts& parts, ServiceKey key, const NamingRules& rules, Rank rank, std::function<void()> on_settled);
  ~GroupService();
  GroupService(const GroupService&) = delete;
  GroupService& operator=(const GroupService&) = delete;

  void evaluate();
  bool settled() const { return settled_; }

 private:
  using ConfigInterest = Configs::Table::Interest;
  enum class Documents : std::uint8_t { none, known, awaited };

  const Document* document(ConfigInterest& interest, std::string_view group, std::string data_id);
  Documents gather(const std::vector<Host>& hosts, Server& out);
  Documents read(const Document& document, const std::string& tools_document, Server& out);
  void show(Mapped mapped);
  void hide();
  void settle();

  Parts& parts_;
  const ServiceKey key_;
  const NamingRules& rules_;
  Rank rank_;
  std::string origin_, short_origin_;
  std::function<void()> on_settled_;
  Naming::Table::Interest instances_;
  ConfigInterest versions_, server_, tools_;
  std::set<std::string> noted_;
  bool settled_ = false;
};

}  // namespace mcpr::nacos
