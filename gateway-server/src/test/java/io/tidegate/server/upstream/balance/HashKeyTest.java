package io.tidegate.server.upstream.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.tidegate.server.config.upstream.Balance;
import io.tidegate.server.config.upstream.BalanceConfig;
import io.tidegate.server.handshake.Compression;
import io.tidegate.server.handshake.OpeningRequest;
import java.util.List;
import org.junit.jupiter.api.Test;

class HashKeyTest {

    private static final BalanceConfig BY_HEADER = new BalanceConfig(Balance.HASH_HEADER, "X-User");
    private static final BalanceConfig BY_QUERY = new BalanceConfig(Balance.HASH_QUERY, "room");

    @Test
    void aHeaderByItsName() {
        assertThat(HashKey.of(BY_HEADER, request("/", "x-user", "ada"))).isEqualTo("ada");
    }

    @Test
    void aParameterByItsNameDecoded() {
        assertThat(HashKey.of(BY_QUERY, request("/chat?id=1&room=a%20b&room=c")))
                .isEqualTo("a b");
    }

    @Test
    void theClientsAddress() {
        BalanceConfig byAddress = new BalanceConfig(Balance.HASH_CLIENT_IP, "");
        assertThat(HashKey.of(byAddress, request("/"))).isEqualTo("10.1.2.3");
    }

    @Test
    void theClientsAddressWhereWhatIsNamedIsMissing() {
        assertThat(HashKey.of(BY_HEADER, request("/"))).isEqualTo("10.1.2.3");
        assertThat(HashKey.of(BY_HEADER, request("/", "X-User", ""))).isEqualTo("10.1.2.3");
        assertThat(HashKey.of(BY_QUERY, request("/chat?roomy=1"))).isEqualTo("10.1.2.3");
        assertThat(HashKey.of(BY_QUERY, request("/chat?room=%zz"))).isEqualTo("10.1.2.3");
    }

    @Test
    void noneWhereNothingIsHashed() {
        assertThat(HashKey.of(BalanceConfig.ROUND_ROBIN, request("/"))).isEmpty();
        assertThat(HashKey.isHash(BalanceConfig.ROUND_ROBIN)).isFalse();
        assertThat(HashKey.isHash(BY_QUERY)).isTrue();
    }

    private static OpeningRequest request(String target, String... header) {
        HttpHeaders headers = new DefaultHttpHeaders().set("X-Forwarded-For", "10.1.2.3");
        if (header.length > 0) {
            headers.set(header[0], header[1]);
        }
        return new OpeningRequest(target, "gateway", headers, List.of(), null, Compression.END_TO_END);
    }
}
