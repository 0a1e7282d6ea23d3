package io.tidegate.bench.fault.process;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/**
 * A network of its own for an upstream, joined to the host's by a pair of virtual devices, and the means to lose all
 * packets between the two: neither side is told.
 *
 * <p>Packets are lost by netem where the kernel has it; else by a token bucket too small for any packet.
 *
 * <p><b>Threads:</b> one.
 */
public final class Namespace {

    private static final List<String> NETEM = List.of("netem", "loss", "100%");
    private static final List<String> BUCKET = List.of("tbf", "rate", "8bit", "burst", "1", "limit", "1");

    private final String name;
    private final String hostDevice;
    private final String innerDevice;
    private final int block;
    private List<String> loss = NETEM;

    private Namespace(int block) {
        this.name = "tidegate-fault-" + block;
        this.hostDevice = "tgf" + block + "h";
        this.innerDevice = "tgf" + block + "n";
        this.block = block;
    }

    /** Whether this process may make one. */
    public static boolean possible() {
        String probe = "tidegate-fault-probe-" + ProcessHandle.current().pid();
        boolean made = Tool.works("ip", "netns", "add", probe);
        return made && Tool.works("ip", "netns", "del", probe);
    }

    /** Makes one, removed with the children. */
    public static Namespace create(Children children) throws IOException {
        Namespace namespace = new Namespace(ThreadLocalRandom.current().nextInt(1 << 13));
        children.undoing(namespace::remove);
        namespace.make();
        return namespace;
    }

    private void make() throws IOException {
        Tool.run("ip", "netns", "add", name);
        Tool.run("ip", "link", "add", hostDevice, "type", "veth", "peer", "name", innerDevice, "netns", name);
        Tool.run("ip", "addr", "add", address(1) + "/30", "dev", hostDevice);
        Tool.run("ip", "link", "set", hostDevice, "up");
        Tool.run("ip", "-n", name, "addr", "add", address(2) + "/30", "dev", innerDevice);
        Tool.run("ip", "-n", name, "link", "set", "lo", "up");
        Tool.run("ip", "-n", name, "link", "set", innerDevice, "up");
        if (Tool.works(onHost("add", NETEM))) {
            Tool.run(onHost("del", List.of()));
        } else {
            loss = BUCKET;
        }
    }

    /** The upstream's address. */
    String address() {
        return address(2);
    }

    /** What to write before a command so that it runs in there. */
    List<String> inside() {
        return List.of("ip", "netns", "exec", name);
    }

    /** Loses all packets from now on, those to the upstream first. */
    public void cut() throws IOException {
        Tool.run(onHost("add", loss));
        Tool.run(inside("add", loss));
    }

    /** Loses no more packets. */
    public void mend() throws IOException {
        Tool.run(inside("del", List.of()));
        Tool.run(onHost("del", List.of()));
    }

    private String[] onHost(String action, List<String> discipline) {
        return Stream.concat(Stream.of("tc", "qdisc", action, "dev", hostDevice, "root"), discipline.stream())
                .toArray(String[]::new);
    }

    private String[] inside(String action, List<String> discipline) {
        return Stream.concat(
                        Stream.of("tc", "-n", name, "qdisc", action, "dev", innerDevice, "root"), discipline.stream())
                .toArray(String[]::new);
    }

    private void remove() {
        boolean deviceGone = Tool.works("ip", "link", "del", hostDevice);
        boolean namespaceGone = Tool.works("ip", "netns", "del", name);
        if (!deviceGone || !namespaceGone) {
            System.err.println(
                    "fault: namespace " + name + " may be left behind; remove it with: ip netns del " + name);
        }
    }

    /** An address of the block in 198.18.0.0/15, which RFC 2544 sets apart for tests. */
    private String address(int host) {
        int last = block * 4 + host;
        return "198.18." + (last >> 8) + "." + (last & 0xFF);
    }
}
