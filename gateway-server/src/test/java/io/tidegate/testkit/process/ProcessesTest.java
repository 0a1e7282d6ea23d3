package io.tidegate.testkit.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.testkit.Frame;
import io.tidegate.testkit.ScriptedClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The processes that other tests rely on. */
class ProcessesTest {

    @RegisterExtension
    private final Processes processes = new Processes();

    @Test
    void anUpstreamTellsWhatItReceivedAlsoOfItsEarlierLives() {
        UpstreamProcess upstream = processes.upstream(UpstreamProcess.Kind.ECHO);
        GatewayProcess gateway = processes.gateway("""
                upstreams: {chat: {endpoints: ["%s"], retry: {maxBackoff: 100ms}}}
                routes: [{upstream: chat, continuity: reconnect}]
                """.formatted(upstream.uri()));
        ScriptedClient client = processes.track(ScriptedClient.connect(gateway.address(), "/"));

        client.send(Frame.text("one"));
        assertThat(client.awaitFrame()).isEqualTo(Frame.text("one"));
        upstream.kill();
        client.send(Frame.text("two"));
        upstream.start();

        assertThat(client.awaitFrame()).isEqualTo(Frame.text("two"));
        assertThat(upstream.awaitReceived(2)).containsExactly("one", "two");
        assertThat(upstream.handshakes()).isGreaterThanOrEqualTo(2);
        assertThat(gateway.metrics().value("tidegate_connections")).isEqualTo(1);
        client.close();
        gateway.awaitNoSession();
        assertThat(gateway.stop()).isZero();
    }

    @Test
    void aSuspendedUpstreamIsSilentUntilItIsResumed() {
        UpstreamProcess upstream = processes.upstream(UpstreamProcess.Kind.JSON_RPC);
        GatewayProcess gateway = processes.gateway("""
                upstreams: {chat: {endpoints: ["%s"]}}
                routes: [{upstream: chat}]
                """.formatted(upstream.uri()));
        ScriptedClient client = processes.track(ScriptedClient.connect(gateway.address(), "/"));

        upstream.process().suspend();
        client.send(Frame.text("{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"echo\",\"params\":[1]}"));
        gateway.awaitMetrics(now -> now.value("tidegate_messages_total", "direction", "to_upstream") == 1);
        assertThat(client.frames()).isEmpty();
        upstream.process().resume();

        assertThat(client.awaitFrame()).isEqualTo(Frame.text("{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"result\":[1]}"));
    }
}
