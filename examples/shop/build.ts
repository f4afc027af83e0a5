import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { buildImage } from '../../e2e/lab/images/build.ts';
import { rootTar } from '../../e2e/lab/images/files.ts';
import { packLayer, pushImage } from '../../e2e/lab/images/push.ts';
import {
  SHOP_ROLES,
  SHOP_VERSIONS,
  type ShopRole,
  type ShopVersion,
  shopConfig,
  shopFiles,
} from './images.ts';

/** Values for the variables of compose.yaml that name images. */
export type ShopValues = Record<`SHOP_${Uppercase<ShopRole>}`, string>;

const valuesBy = (imageOf: (role: ShopRole) => string): ShopValues =>
  Object.fromEntries(SHOP_ROLES.map((role) => [`SHOP_${role.toUpperCase()}`, imageOf(role)])) as ShopValues;

/**
 * Makes the images of one version in an engine, with no registry and no internet, and returns their ids as
 * values for compose.yaml. `docker` is a socket's path, or `unix://…` or `tcp://…` as in DOCKER_HOST.
 */
export const buildShop = async (docker: string, version: ShopVersion = '1'): Promise<ShopValues> => {
  const files = shopFiles();
  const ids = new Map<ShopRole, string>();
  for (const role of SHOP_ROLES) {
    const name = `shop-${role}:${version}`;
    ids.set(role, await buildImage({ docker, name, files, config: shopConfig(role, version) }));
  }
  return valuesBy((role) => ids.get(role) ?? '');
};

/** Puts every version of every image into a registry (`host:port`, no TLS) and returns the values of one version. */
export const pushShop = async (registry: string): Promise<(version: ShopVersion) => ShopValues> => {
  const layer = await packLayer(await rootTar(shopFiles()));
  for (const role of SHOP_ROLES) {
    for (const version of SHOP_VERSIONS) {
      await pushImage(registry, `shop-${role}`, version, layer, shopConfig(role, version));
    }
  }
  return (version) => valuesBy((role) => `${registry}/shop-${role}:${version}`);
};

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: { host: { type: 'string', default: 'unix:///var/run/docker.sock' } },
  });
  for (const version of SHOP_VERSIONS) {
    const ids = await buildShop(values.host, version);
    console.log(`# version ${version}`);
    for (const [name, id] of Object.entries(ids)) console.log(`${name}=${id}`);
  }
};

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
