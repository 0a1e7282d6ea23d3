package io.tidegate.server.config;

import io.netty.util.NetUtil;
import io.tidegate.server.config.key.InvalidValue;
import io.tidegate.server.config.key.Scalar;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where to listen.
 *
 * @param host a host name, an IPv4 address, or an IPv6 address without brackets
 * @param port 1 to 65535, or 0 for any free port
 */
public record Address(String host, int port) {

    private static final String EXPECTED =
            "host:port such as 127.0.0.1:8080, localhost:8080 or [::1]:8080; 0.0.0.0 for all interfaces";
    private static final int LONGEST_NAME = 253;
    private static final Pattern SYNTAX = Pattern.compile("(?:\\[([^\\[\\]]+)]|([^:\\[\\]]+)):([0-9]{1,5})");
    private static final Pattern NAME =
            Pattern.compile("(?!([^.]*[.])*[0-9]+$)[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?([.][A-Za-z0-9_-]+)*");

    static final Scalar<Address> SHAPE = new Scalar<>(
            "address",
            EXPECTED,
            Scalar.Syntax.text("^(\\[[0-9A-Fa-f:.%A-Za-z0-9]+\\]|[^:\\[\\]\\s]+):[0-9]{1,5}$"),
            Address::parse,
            address -> {});

    public Address {
        boolean known = NetUtil.isValidIpV4Address(host)
                || NetUtil.isValidIpV6Address(host)
                || (host.length() <= LONGEST_NAME && NAME.matcher(host).matches());
        if (!known || port < 0 || port > 65_535) {
            throw new IllegalArgumentException("address: " + host + " port " + port + " (expected: " + EXPECTED + ")");
        }
    }

    /**
     * Reads {@code host:port}, with an IPv6 address in brackets. The host cannot be left out: whether a port is open to
     * the world is too important for a default.
     *
     * @throws IllegalArgumentException saying what was expected
     */
    public static Address parse(String text) {
        Matcher matcher = SYNTAX.matcher(text);
        if (!matcher.matches()) {
            throw new InvalidValue(EXPECTED, NetUtil.isValidIpV6Address(text) ? "[" + text + "]:8080" : null);
        }
        String bracketed = matcher.group(1);
        if (bracketed != null && !NetUtil.isValidIpV6Address(bracketed)) {
            throw new InvalidValue(EXPECTED);
        }
        try {
            return new Address(bracketed == null ? matcher.group(2) : bracketed, Integer.parseInt(matcher.group(3)));
        } catch (IllegalArgumentException e) {
            throw new InvalidValue(EXPECTED);
        }
    }

    /** Whether only this machine can reach it, as far as can be told without looking a name up: {@code localhost} counts. */
    public boolean isLoopback() {
        if (host.equalsIgnoreCase("localhost")) {
            return true;
        }
        byte[] literal = NetUtil.createByteArrayFromIpAddressString(host);
        try {
            return literal != null && InetAddress.getByAddress(literal).isLoopbackAddress();
        } catch (UnknownHostException e) {
            throw new AssertionError(e); // 4 or 16 bytes
        }
    }

    /** {@code host:port}, as {@link #parse} reads it. */
    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
