package io.tidegate.server.handshake;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeaderRulesTest {

    private final HttpHeaders headers = new DefaultHttpHeaders();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Connection",
                "Keep-Alive",
                "Proxy-Connection",
                "Proxy-Authenticate",
                "Proxy-Authorization",
                "TE",
                "Trailer",
                "Transfer-Encoding",
                "Upgrade",
                "uPGRADE"
            })
    void hopByHopHeadersEndHere(String name) {
        headers.add(name, "x").add("Kept", "y");

        assertThat(HeaderRules.endToEnd(headers).names()).containsExactly("Kept");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Sec-WebSocket-Key",
                "Sec-WebSocket-Accept",
                "Sec-WebSocket-Version",
                "Sec-WebSocket-Protocol",
                "Sec-WebSocket-Extensions",
                "sec-websocket-key"
            })
    void whatEachLegSettlesForItselfEndsHere(String name) {
        headers.add(name, "x");

        assertThat(HeaderRules.endToEnd(headers)).isEmpty();
    }

    @Test
    void headersNamedByConnectionEndHereInAllItsLinesAndAnyCase() {
        headers.add("Connection", "Upgrade, x-SECRET ,, x-other")
                .add("Connection", "X-Third")
                .add("X-Secret", "1")
                .add("x-other", "2")
                .add("X-Third", "3")
                .add("X-Fourth", "4");

        assertThat(HeaderRules.endToEnd(headers).entries()).singleElement().hasToString("X-Fourth=4");
    }

    @Test
    void hostPassesEvenWhenNamedByConnection() {
        headers.add("Connection", "Upgrade, Host").add("Host", "h");

        assertThat(HeaderRules.endToEnd(headers).entries()).singleElement().hasToString("Host=h");
    }

    @Test
    void otherHeadersPassAsTheyAreWithAllTheirValuesInOrder() {
        headers.add("Cookie", "a=1")
                .add("COOKIE", "b=2")
                .add("Authorization", "Bearer x")
                .add("x-empty", "");

        assertThat(HeaderRules.endToEnd(headers).entries())
                .extracting(Object::toString)
                .containsExactly("Cookie=a=1", "COOKIE=b=2", "Authorization=Bearer x", "x-empty=");
    }

    @Test
    void originalHeadersStayAsTheyWere() {
        headers.add("Upgrade", "websocket");
        HeaderRules.endToEnd(headers).add("New", "x");

        assertThat(headers.entries()).singleElement().hasToString("Upgrade=websocket");
    }

    @Test
    void forwardingHeadersSayForWhomTheRequestIsMade() throws UnknownHostException {
        HeaderRules.setForwarded(headers, client(192, 0, 2, 7), "example.com:8080");

        assertThat(headers.getAll("X-Forwarded-For")).containsExactly("192.0.2.7");
        assertThat(headers.getAll("X-Forwarded-Proto")).containsExactly("http");
        assertThat(headers.getAll("X-Forwarded-Host")).containsExactly("example.com:8080");
        assertThat(headers.getAll("Forwarded")).containsExactly("for=192.0.2.7;host=\"example.com:8080\";proto=http");
    }

    @Test
    void forwardingHeadersReplaceWhatTheClientClaims() throws UnknownHostException {
        headers.add("x-forwarded-for", "6.6.6.6")
                .add("X-Forwarded-For", "7.7.7.7")
                .add("X-Forwarded-Proto", "https")
                .add("X-FORWARDED-HOST", "bank.example")
                .add("X-Forwarded-Port", "443")
                .add("forwarded", "for=6.6.6.6")
                .add("X-Other", "kept");
        HeaderRules.setForwarded(headers, client(192, 0, 2, 7), "h");

        assertThat(headers.entries())
                .extracting(Object::toString)
                .containsExactlyInAnyOrder(
                        "X-Other=kept",
                        "X-Forwarded-For=192.0.2.7",
                        "X-Forwarded-Proto=http",
                        "X-Forwarded-Host=h",
                        "Forwarded=for=192.0.2.7;host=\"h\";proto=http");
    }

    @Test
    void ipv6IsBareInXForwardedForAndQuotedInForwarded() throws UnknownHostException {
        HeaderRules.setForwarded(headers, client(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1), "h");

        assertThat(headers.get("X-Forwarded-For")).isEqualTo("2001:db8:0:0:0:0:0:1");
        assertThat(headers.get("Forwarded")).isEqualTo("for=\"[2001:db8:0:0:0:0:0:1]\";host=\"h\";proto=http");
    }

    @Test
    void zoneOfALinkLocalAddressStaysHere() throws UnknownHostException {
        InetAddress address =
                Inet6Address.getByAddress(null, bytes(0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1), 3);
        HeaderRules.setForwarded(headers, new InetSocketAddress(address, 1), "h");

        assertThat(headers.get("X-Forwarded-For")).isEqualTo("fe80:0:0:0:0:0:0:1");
        assertThat(headers.get("Forwarded")).startsWith("for=\"[fe80:0:0:0:0:0:0:1]\";");
    }

    @Test
    void unknownClientIsSaidToBeUnknown() {
        headers.add("X-Forwarded-For", "6.6.6.6");
        HeaderRules.setForwarded(headers, null, null);

        assertThat(headers.contains("X-Forwarded-For")).isFalse();
        assertThat(headers.contains("X-Forwarded-Host")).isFalse();
        assertThat(headers.get("Forwarded")).isEqualTo("for=unknown;proto=http");
    }

    @Test
    void hostCannotBreakOutOfItsQuotes() {
        HeaderRules.setForwarded(headers, null, "h\";for=\\x");

        assertThat(headers.get("Forwarded")).isEqualTo("for=unknown;host=\"h\\\";for=\\\\x\";proto=http");
    }

    @Test
    void elementsComeFromAllLinesWithoutBlanksAndEmptyOnes() {
        List<String> lines = List.of(" A , b,,", "", "C;x=1");

        assertThat(HeaderRules.elements(lines)).containsExactly("A", "b", "C;x=1");
        assertThat(HeaderRules.tokens(lines)).containsExactly("a", "b", "c;x=1");
    }

    private static InetSocketAddress client(int... address) throws UnknownHostException {
        return new InetSocketAddress(InetAddress.getByAddress(bytes(address)), 50_000);
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }
}
