/** @file Pure functions of objects, computed once. */

/** The function that computes its value once for each object, and keeps it for as long as the object lives. */
export function memoised<K extends object, V>(compute: (key: K) => V): (key: K) => V {
  const values = new WeakMap<K, V>();
  return (key) => {
    const known = values.get(key);
    if (known !== undefined) return known;
    const value = compute(key);
    values.set(key, value);
    return value;
  };
}
