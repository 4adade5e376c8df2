#include "host/session/home.hpp"

namespace mcpr::session {

void Home::remove(std::string_view id, std::string_view reason) {
  const auto found = live_.find(std::string(id));
  if (found == live_.end()) return;
  const std::unique_ptr<Live> live = std::move(found->second);
  live_.erase(found);
  live->close(reason);
}

void Home::close_all(std::string_view reason) {
  while (!live_.empty()) remove(std::string(live_.begin()->first), reason);
}

void Home::post(std::string id, UniqueFunction<void(Live*)> task) {
  if (loop_.in_loop()) return task(find(id));
  loop_.post([this, id = std::move(id), task = std::move(task)]() mutable { task(find(id)); });
}

}  // namespace mcpr::session
