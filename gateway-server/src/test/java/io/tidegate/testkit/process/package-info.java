/**
 * Gateways and upstreams as processes of their own, for tests that kill them.
 *
 * <pre>{@code
 * @RegisterExtension
 * private final Processes processes = new Processes();      // ends them all after the test, and checks the gateways' accounts
 *
 * UpstreamProcess upstream = processes.upstream(UpstreamProcess.Kind.ECHO);
 * GatewayProcess gateway = processes.gateway("""
 *         upstreams: {chat: {endpoints: ["%s"]}}
 *         routes: [{upstream: chat, continuity: reconnect}]
 *         """.formatted(upstream.uri()));
 * ScriptedClient client = processes.track(ScriptedClient.connect(gateway.address(), "/"));
 * client.send(Frame.text("one"));
 * upstream.kill();                                             // SIGKILL
 * client.send(Frame.text("two"));
 * upstream.start();                                            // again, on the port it had
 * upstream.awaitReceived("two");
 * gateway.awaitStats(stats -> stats.all().delivered() == 2);
 * }</pre>
 *
 * <p>Processes are started by the JDK that runs the tests, with their class path. They end with the test, or with its JVM.
 */
@NullMarked
package io.tidegate.testkit.process;

import org.jspecify.annotations.NullMarked;
