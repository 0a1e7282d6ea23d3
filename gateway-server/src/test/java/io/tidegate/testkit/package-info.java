/**
 * Scripted WebSocket peers over real sockets, metric snapshots and log capture: what tests of the gateway use instead of mocks.
 *
 * <p>Everything here speaks to the loopback interface through blocking {@code java.net} sockets on daemon threads of its own. It shares no code with the gateway, so that a mistake
 * in one is not repeated in the other. Every wait ends with what was awaited, or after {@link io.tidegate.testkit.Peer#PATIENCE} with a failure that tells what had arrived instead.
 *
 * <pre>{@code
 * try (ScriptedUpstream upstream = ScriptedUpstream.start(Script.ACCEPT);            // or Script.ECHO, Script.refuse(401, "no"), c -> { … }
 *     ScriptedClient client = ScriptedClient.connect(gatewayAddress, "/chat", "Sec-WebSocket-Protocol: v1")) {
 *   client.send(Frame.text("hello"));
 *   assertThat(upstream.awaitConnection().awaitFrame()).isEqualTo(Frame.text("hello"));
 *   upstream.resetConnections();                                                      // RST
 *   assertThat(client.awaitClose().closeCode()).isEqualTo(1014);
 * }
 * }</pre>
 *
 * <p>Not for: measuring. The peers spend two threads on each connection and keep a record of all they receive.
 */
@NullMarked
package io.tidegate.testkit;

import org.jspecify.annotations.NullMarked;
