/**
 * One scalar out of a JSON text, where it stands: the id of a message, its method.
 *
 * <p>A {@link io.tidegate.json.JsonPointer} says where; a {@link io.tidegate.json.PointerScanner} goes there over the bytes of
 * a buffer, within {@linkplain io.tidegate.json.ScanLimits limits}, builds no tree and allocates nothing.
 *
 * <pre>{@code
 * JsonPointer id = JsonPointer.parse("/id");
 * PointerScanner scanner = new PointerScanner(ScanLimits.DEFAULTS);
 * byte[] key = new byte[scanner.maxKeyBytes()];
 * if (scanner.scan(id, message) == ScanStatus.FOUND) {
 *     int length = scanner.key(message, key);   // "s" + the text of a string, "n" + that of a number
 * }
 * }</pre>
 *
 * <p>An {@link io.tidegate.json.ElementScanner} gives the elements of a text that is an array, one after another, for those
 * protocols that send several messages as one.
 *
 * <p>Not for: validating JSON (it stops at the scalar), or reading objects.
 */
@NullMarked
package io.tidegate.json;

import org.jspecify.annotations.NullMarked;
