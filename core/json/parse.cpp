#include <nlohmann/json.hpp>

#include "core/domain/error.hpp"
#include "core/json/folding.hpp"
#include "core/json/value.hpp"

namespace signwatch::json {
namespace {

[[noreturn]] void refuse(const char* code, const char* what) {
    throw Error(ErrorKind::integrity, code, what);
}

// Builds the tree from the parser's events, counting as it goes.
class Builder {
public:
    explicit Builder(const Limits& limits) : limits_(limits) {}

    bool null() { return put(Value()); }
    bool boolean(bool value) { return put(Value::of_boolean(value)); }
    bool number_integer(std::int64_t value) { return put(Value::of_number(std::to_string(value))); }
    bool number_unsigned(std::uint64_t value) { return put(Value::of_number(std::to_string(value))); }
    bool number_float(double /*value*/, const std::string& written) { return put(Value::of_number(written)); }
    bool string(std::string& text) { return put(Value::of_text(std::move(text))); }
    bool binary(nlohmann::json::binary_t& /*bytes*/) { return false; }
    bool start_object(std::size_t /*count*/) { return open(Value::of_object()); }
    bool end_object() { return close(); }
    bool start_array(std::size_t /*count*/) { return open(Value::of_list()); }
    bool end_array() { return close(); }
    bool key(std::string& name) {
        count();
        if (open_.back().value.items().size() >= limits_.members)
            refuse("json_values", "an object has too many members");
        name_ = fold_key(name);
        return true;
    }
    bool parse_error(std::size_t /*at*/, const std::string& /*token*/, const nlohmann::json::exception& /*error*/) {
        return false;
    }

    Value take() { return std::move(root_); }

private:
    void count() {
        if (++values_ > limits_.values) refuse("json_values", "the body has too many values");
    }

    // A value reaches its parent only when it is complete, so no pointer into a list outlives a reallocation.
    bool put(Value value) {
        count();
        if (open_.empty()) {
            root_ = std::move(value);
        } else if (open_.back().value.is_list()) {
            open_.back().value.add(std::move(value));
        } else if (!open_.back().value.add(std::move(name_), std::move(value))) {
            refuse("json_duplicate_name", "an object of the body has a name twice");
        }
        return true;
    }

    bool open(Value value) {
        if (open_.size() >= limits_.depth) refuse("json_depth", "the body is nested too deeply");
        open_.push_back({std::move(value), std::move(name_)});
        return true;
    }

    bool close() {
        Value value = std::move(open_.back().value);
        name_ = std::move(open_.back().name);
        open_.pop_back();
        return put(std::move(value));
    }

    struct Open {
        Value value;
        std::string name;  ///< under which its parent will have it
    };

    const Limits& limits_;
    std::size_t values_ = 0;
    std::vector<Open> open_;
    std::string name_;
    Value root_;
};

}  // namespace

Value parse(std::string_view body, const Limits& limits) {
    if (body.size() > limits.bytes) refuse("json_too_large", "the body is larger than JSON may be here");
    Builder builder(limits);
    if (!nlohmann::json::sax_parse(body, &builder)) refuse("json_syntax", "the body is not JSON");
    return builder.take();
}

}  // namespace signwatch::json
