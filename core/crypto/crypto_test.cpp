#include <gtest/gtest.h>

#include "core/crypto/digest.hpp"
#include "core/crypto/encoding.hpp"

namespace signwatch::crypto {
namespace {

TEST(Sha256, known_vector_in_pieces) {
    Sha256 hash;
    hash.update("a");
    EXPECT_EQ(hash.hex(), sha256_hex("a"));
    hash.update("bc");
    EXPECT_EQ(hash.hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Hmac, rfc4231_case_2) {
    EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Encoding, rfc4648_base64_vectors) {
    const std::pair<const char*, const char*> vectors[] = {
        {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, encoded] : vectors) {
        EXPECT_EQ(to_base64(plain), encoded);
        EXPECT_EQ(from_base64(encoded), plain);
    }
    EXPECT_EQ(from_base64("Zm9v\n YmFy"), "foobar");
}

TEST(Encoding, base64_refuses_what_is_not_canonical) {
    for (const char* text : {"Zg=", "Zg", "Z", "Zh==", "Zg==Zg==", "Zm9v*", "====", "Zm=v"}) {
        EXPECT_EQ(from_base64(text), std::nullopt) << text;
    }
}

TEST(Encoding, base32_is_lower_case_and_unpadded) {
    const unsigned char bytes[] = {'f', 'o', 'o', 'b'};
    EXPECT_EQ(to_base32(bytes), "mzxw6yq");
}

TEST(ConstantTime, compares_content_and_length) {
    EXPECT_TRUE(equal_constant_time("same", "same"));
    EXPECT_FALSE(equal_constant_time("same", "sane"));
    EXPECT_FALSE(equal_constant_time("same", "same "));
}

TEST(Random, gives_different_bytes) {
    EXPECT_EQ(random_bytes(32).size(), 32U);
    EXPECT_NE(random_bytes(32), random_bytes(32));
}

}  // namespace
}  // namespace signwatch::crypto
