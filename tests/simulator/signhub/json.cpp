#include "tests/simulator/signhub/json.hpp"

#include <ctime>

namespace signwatch::simulator::signhub {
namespace {

struct Word {
    std::string_view name;   ///< of the enumeration, English
    std::string_view label;  ///< what the *String member says, Turkish
};

Word flow_word(int status) {
    switch (status) {
        case 1:
            return {"Created", "Oluşturuldu"};
        case 2:
            return {"Draft", "Taslak"};
        case 3:
            return {"Running", "Akışta"};
        case 4:
            return {"Finished", "e-İmzalı"};
        case 5:
            return {"Cancelled", "İptal"};
        case 6:
            return {"FinishedWithDecline", "Reddedildi"};
        default:
            return {"Suspended", "Askıda"};
    }
}

Word item_word(int status) {
    switch (status) {
        case 1:
            return {"Default", "İşlem Yapılmamış"};
        case 10:
            return {"Waiting", "İşlem Bekleniyor"};
        case 20:
            return {"OpenedPortal", "Portal Açıldı"};
        case 30:
            return {"ReadDocument", "Belge Okundu"};
        case 40:
            return {"Finished", "Tamamlandı"};
        case 50:
            return {"Declined", "Red Edildi"};
        case 60:
            return {"Passed", "İşleme Gerek Kalmadı"};
        default:
            return {"Delegated", "Vekalet"};
    }
}

constexpr std::string_view type_names[] = {"eSignature", "Approve", "Viewer"};

class Writer {
public:
    Writer(const StatusForm& form, std::string& out) : form_(form), out_(out) {}

    void key(std::string_view name) {
        if (out_.back() != '{') out_ += ',';
        out_ += '"';
        const char first = name.front();
        out_ += form_.pascal_case && first >= 'a' && first <= 'z' ? static_cast<char>(first - 32) : first;
        out_ += name.substr(1);
        out_ += "\":";
    }
    void number(std::string_view name, std::int64_t value) {
        key(name);
        if (form_.numbers_as_strings) out_ += '"';
        out_ += std::to_string(value);
        if (form_.numbers_as_strings) out_ += '"';
    }
    void text(std::string_view name, std::string_view value) {
        key(name);
        ((out_ += '"') += value) += '"';
    }
    void literal(std::string_view name, std::string_view value) {
        key(name);
        out_ += value;
    }
    void word(std::string_view name, std::int64_t value, std::string_view word) {
        if (form_.enum_names)
            text(name, word);
        else
            number(name, value);
    }

private:
    const StatusForm& form_;
    std::string& out_;
};

void write_item(const Flow& flow,
                std::size_t index,
                const ItemState& item,
                microseconds epoch,
                const StatusForm& form,
                std::string& out) {
    Writer json(form, out);
    const Word word = item_word(item.status);
    const std::uint8_t type = flow.plan.types[index];
    out += '{';
    json.number("id", flow.item_id(index));
    json.text("eMail", email_of(flow, index));
    json.text("fullname", full_name_of(flow, index));
    json.number("orderNo", static_cast<std::int64_t>(index) + 1);
    json.word("status", item.status, word.name);
    json.text("statusString", word.label);
    for (const auto& [name, time] : {std::pair{"sendDate", item.sent}, std::pair{"signedDate", item.acted}}) {
        if (time)
            json.text(name, istanbul_time(epoch + *time, form.offsets));
        else
            json.literal(name, "null");
    }
    json.literal("waitDurationString", "null");
    json.number("groupNo", 1);
    json.word("groupAuthorityType", 0, "None");
    json.word("flowItemType", type, type_names[type]);
    json.literal("isMobileSign", form.numbers_as_strings ? "\"False\"" : "false");
    out += '}';
}

}  // namespace

std::string email_of(const Flow& flow, std::size_t item) {
    return "imza." + std::to_string(flow.item_id(item)) + "@signer.example";
}

std::string full_name_of(const Flow& flow, std::size_t item) {
    return "Ayşe Örnek-" + std::to_string(flow.item_id(item));
}

std::string national_number_of(const Flow& flow, std::size_t item) {
    const std::string digits = std::to_string(flow.item_id(item));
    return "1" + std::string(10 - std::min<std::size_t>(digits.size(), 10), '0') + digits;
}

std::string istanbul_time(microseconds wall, bool offset) {
    const auto local = static_cast<std::time_t>(wall.count() / 1'000'000 + 3 * 3600);
    std::tm parts{};
    gmtime_r(&local, &parts);
    std::string text = "0000-00-00T00:00:00.0000000";
    const auto put = [&text](std::size_t at, int digits, std::int64_t value) {
        for (int i = digits; i > 0; --i, value /= 10)
            text[at + static_cast<std::size_t>(i) - 1] = static_cast<char>('0' + value % 10);
    };
    put(0, 4, parts.tm_year + 1900);
    put(5, 2, parts.tm_mon + 1);
    put(8, 2, parts.tm_mday);
    put(11, 2, parts.tm_hour);
    put(14, 2, parts.tm_min);
    put(17, 2, parts.tm_sec);
    put(20, 7, wall.count() % 1'000'000 * 10);
    if (offset) text += "+03:00";
    return text;
}

std::string write_status(const Flow& flow, const FlowState& state, microseconds epoch, const StatusForm& form) {
    std::string out;
    out.reserve(256 + 512 * state.items.size());
    if (form.byte_order_mark) out += "\xEF\xBB\xBF";
    Writer json(form, out);
    const Word word = flow_word(state.status);
    out += '{';
    if (form.envelope) {
        json.key("result");
        out += '{';
    }
    json.number("flowId", flow.id);
    json.word("flowType", 1, "Basic");
    json.word("status", state.status, word.name);
    json.text("statusString", word.label);
    json.key("flowItems");
    out += '[';
    for (std::size_t i = 0; i < state.items.size(); ++i) {
        if (i > 0) out += ',';
        write_item(flow, i, state.items[i], epoch, form, out);
    }
    out += "]}";
    if (!form.envelope) return out;
    if (form.with_error)
        json.text("error", "simulated: the result is not to be believed");
    else
        json.literal("error", "null");
    out += '}';
    return out;
}

std::string error_envelope(std::string_view error) {
    return "{\"result\":null,\"error\":" + std::string{error} + "}";
}

std::string write_verification(const std::string& name, const std::string& number, std::string_view summary) {
    const std::string_view type = summary == "ALL_VALID" ? "VALID" : summary.substr(9);
    std::string out = R"({"result":{"signatureValidations":[{"signerFullName":")" + name;
    out += R"(","signatureType":"ES_A","signatureFormat":"PAdES","signatureAlg":"RSA-with-SHA256",)";
    out += R"("signingTime":"Mar 4, 2026, 12:01:44 PM","hasTimestamp":false,"validationResultType":")";
    (out += type) += R"(","validationCertificateStatusInfoDetailedValidationReport":"SERIALNUMBER=)" + number;
    (out += R"("}],"summary":")") += summary;
    return out + R"("},"error":null})";
}

}  // namespace signwatch::simulator::signhub
