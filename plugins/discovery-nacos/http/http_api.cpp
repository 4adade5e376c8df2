#include "http/http_api.hpp"

#include "http/answer.hpp"

namespace mcpr::nacos {

void HttpApi::call(std::string_view method, std::string_view path, Parameters parameters, OnReply on_reply,
                   sdk::KeyValues headers, unsigned timeout_ms) {
  if (stopped_) return;
  const std::uint64_t id = ++last_;
  Pending& pending = pending_[id];
  pending.request = {std::string(method), std::string(path), std::move(parameters), std::move(headers),
                     timeout_ms ? std::chrono::milliseconds(timeout_ms) : timeout_};
  pending.on_reply = std::move(on_reply);
  credentials_.ready([this, id] { send(id); });
}

void HttpApi::stop() {
  stopped_ = true;
  pending_.clear();
}

void HttpApi::send(std::uint64_t id) {
  const auto at = pending_.find(id);
  if (at == pending_.end()) return;
  Pending& pending = at->second;
  Requester::Request request = pending.request;
  pending.token = credentials_.token();
  if (!pending.token.empty()) {
    // The first is understood by every version, the second by those that look for it in place of the parameter.
    request.headers.emplace_back("Authorization", "Bearer " + pending.token);
    request.headers.emplace_back("accessToken", pending.token);
  }
  for (auto& header : credentials_.signature(resource_of_path(request.path, request.parameters))) {
    request.headers.push_back(std::move(header));
  }
  requester_.send(std::move(request), [this, id](const sdk::HttpResponse& response) { answered(id, response); });
}

void HttpApi::answered(std::uint64_t id, const sdk::HttpResponse& response) {
  const auto at = pending_.find(id);
  if (at == pending_.end()) return;
  Pending& pending = at->second;
  Reply reply = read_answer(response, pending.request.path.starts_with("/v1/cs/"));
  if (!is_refused(reply) || pending.again) return give(id, std::move(reply));
  pending.again = true;
  credentials_.refused(pending.token, [this, id, reply = std::move(reply)](bool another) mutable {
    if (another) return send(id);
    if (!credentials_.problem().empty()) reply.error += " (" + credentials_.problem() + ")";
    give(id, std::move(reply));
  });
}

void HttpApi::give(std::uint64_t id, Reply reply) {
  const auto at = pending_.find(id);
  if (at == pending_.end()) return;
  const OnReply on_reply = std::move(at->second.on_reply);
  pending_.erase(at);
  on_reply(std::move(reply));
}

}  // namespace mcpr::nacos
