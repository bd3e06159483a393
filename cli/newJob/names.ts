/** Names of a new job and of its stream: as people write them, as code does, and as the deployment does. */

export interface Names {
  /** `hot-items` */
  readonly kebab: string;
  /** `hotItems` */
  readonly camel: string;
  /** `HotItems` */
  readonly pascal: string;
}

/** As long as everything that the deployment makes of it may be. */
export const NAME_LENGTH_MAX = 40;

export const isKebab = (name: string): boolean =>
  name.length <= NAME_LENGTH_MAX && /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name);

export function namesOf(kebab: string): Names {
  const camel = kebab.replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return { kebab, camel, pascal: camel.charAt(0).toUpperCase() + camel.slice(1) };
}
