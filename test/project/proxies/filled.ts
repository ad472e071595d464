/** The examples of the documentation, with their placeholders filled in. */

/** With each placeholder, which must stand in it once, replaced. */
export function filled(text: string, places: Record<string, string>): string {
  return Object.entries(places).reduce((rest, [place, value]) => {
    if (rest.split(place).length !== 2) throw new Error(`"${place}" must stand there once.`);
    return rest.replace(place, () => value);
  }, text);
}
