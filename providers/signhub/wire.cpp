#include "providers/signhub/wire.hpp"

#include <algorithm>
#include <array>

#include "core/domain/error.hpp"
#include "core/json/folding.hpp"

namespace signwatch::signhub {
namespace {

using json::Value;

constexpr std::size_t most_items = 200;
constexpr std::size_t longest_text = 1'000;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

struct Name {
    std::string_view name;  ///< folded
    std::int64_t number;
};

constexpr std::array<Name, 6> flow_names{
    {{"created", 1}, {"draft", 2}, {"running", 3}, {"finished", 4}, {"cancelled", 5}, {"finishedwithdecline", 6}}};
constexpr std::array<Name, 7> item_names{{{"default", 1},
                                          {"waiting", 10},
                                          {"openedportal", 20},
                                          {"readdocument", 30},
                                          {"finished", 40},
                                          {"declined", 50},
                                          {"passed", 60}}};
constexpr std::array<Name, 3> type_names{{{"esignature", 0}, {"approve", 1}, {"viewer", 2}}};

[[noreturn]] void refuse(const char* what) {
    throw Error(ErrorKind::integrity, "json_field", what);
}

Value parse_body(std::string_view body) {
    if (body.starts_with(byte_order_mark)) body.remove_prefix(byte_order_mark.size());
    return json::parse(body);
}

template <std::size_t count>
Code code_in(const Value& value, const std::array<Name, count>& names) {
    Code code;
    code.word = std::string{json::trimmed(value.text_or_empty())};
    if (value.kind() == Value::Kind::boolean || code.word.size() > longest_text) return {};
    code.number = value.integer();
    const std::string folded = json::fold_key(code.word);
    for (const Name& known : names) {
        if (known.name == folded) code.number = known.number;
    }
    return code;
}

std::string text_in(const Value& value) {
    std::string text{json::trimmed(value.text_or_empty())};
    if (text.size() > longest_text) refuse("a text of the status is too long");
    return text;
}

WireItem item_in(const Value& value) {
    if (!value.is_object()) refuse("an item of the flow is no object");
    WireItem item;
    item.id = text_in(value.any_of({"id", "flowitemid"}));
    item.email = Sensitive{text_in(value["email"])};
    item.order = value["orderno"].integer().value_or(0);
    item.status = code_in(value["status"], item_names);
    if (item.status.word.empty()) refuse("an item of the flow has no status");
    const Value& type = value["flowitemtype"];
    // Who is not said to be something else has to sign.
    if (!type.is_null()) item.type = code_in(type, type_names).number.value_or(-1);
    item.signed_date = text_in(value["signeddate"]);
    return item;
}

bool is_error(const Value& error) {
    switch (error.kind()) {
        case Value::Kind::null:
            return false;
        case Value::Kind::boolean:
            return error.boolean().value_or(true);
        case Value::Kind::number:
            return error.integer() != 0;
        case Value::Kind::text:
            return !json::trimmed(error.text_or_empty()).empty();
        case Value::Kind::list:
            return std::ranges::any_of(error.items(), is_error);
        case Value::Kind::object:
            return true;
    }
    return true;
}

bool is_false(const Value& value) {
    return value.boolean() == false;
}

bool is_plain_word(const std::string& text) {
    return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
}

}  // namespace

std::optional<std::int64_t> flow_status_number(std::string_view word) {
    return code_in(Value::of_text(std::string{word}), flow_names).number;
}

bool tells_error(const Value& body) {
    const Value& result = body["result"];
    for (const Value* level : {&body, &result}) {
        if (is_error((*level)["error"])) return true;
        if (is_false((*level)["isok"]) || is_false((*level)["issuccess"])) return true;
    }
    return false;
}

WireFlow parse_flow(std::string_view body) {
    const Value document = parse_body(body);
    if (!document.is_object()) refuse("the body is no object");
    if (tells_error(document)) throw Error(ErrorKind::integrity, "signhub_error", "a success that tells of an error");
    const Value& result = document["result"];
    const Value& flow = result.is_null() ? document : result;
    if (!flow.is_object()) refuse("the result is no object");
    WireFlow read;
    const Value& id = flow["flowid"];
    read.id = id.integer();
    if (!id.is_null() && !read.id) refuse("the id of the flow is no number");
    read.status = code_in(flow["status"], flow_names);
    if (read.status.word.empty()) refuse("the flow has no status");
    const Value& items = flow["flowitems"];
    if (!items.is_null() && !items.is_list()) refuse("the items of the flow are no list");
    if (items.items().size() > most_items) {
        throw Error(ErrorKind::integrity, "signer_count", "a flow with more items than anybody has");
    }
    for (const Value& item : items.items())
        read.items.push_back(item_in(item));
    return read;
}

std::string error_word(std::string_view body) {
    try {
        const Value document = parse_body(body);
        const std::string code = document["error"]["code"].text_or_empty();
        return is_plain_word(code) ? code : std::string();
    } catch (const Error&) {
        return {};
    }
}

std::string parse_summary(std::string_view body) {
    try {
        json::Limits limits;
        limits.bytes = 16 << 20;
        const Value document = json::parse(body.substr(body.starts_with(byte_order_mark) ? 3 : 0), limits);
        if (tells_error(document)) return "unreadable";
        const Value& result = document["result"].is_null() ? document : document["result"];
        const std::string summary{json::trimmed(result["summary"].text_or_empty())};
        for (const char* known : {"ALL_VALID", "CONTAINS_INVALID", "CONTAINS_INCOMPLETE"}) {
            if (summary == known) return summary;
        }
    } catch (const Error&) {
        // Said below.
    }
    return "unreadable";
}

}  // namespace signwatch::signhub
