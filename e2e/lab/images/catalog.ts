import { CLIENT_CONFIG, clientFiles } from './client.ts';
import { rootTar } from './files.ts';
import { packLayer, pushImage } from './push.ts';
import { WEB_TAGS, webConfig, webFiles } from './web.ts';

/** Puts the test images (`web` in all its versions, `client`) into a registry; returns their names. */
export async function pushTestImages(registry: string): Promise<string[]> {
  const [web, client] = await Promise.all([
    packLayer(await rootTar(webFiles())),
    packLayer(await rootTar(clientFiles())),
  ]);
  // The first brings the layer, the others find it there.
  await pushImage(registry, 'web', 'good', web, webConfig('good'));
  await Promise.all([
    ...WEB_TAGS.filter((tag) => tag !== 'good').map((tag) =>
      pushImage(registry, 'web', tag, web, webConfig(tag)),
    ),
    pushImage(registry, 'client', 'latest', client, CLIENT_CONFIG),
  ]);
  return [...WEB_TAGS.map((tag) => `web:${tag}`), 'client:latest'];
}
