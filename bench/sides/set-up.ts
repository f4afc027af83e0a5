import { routes } from '@portreeve/contract';
import { joinHosts } from '../../e2e/console/hosts.ts';
import { signIn } from '../../e2e/console/operator.ts';
import { startProduct } from '../../e2e/console/product.ts';
import { pull } from '../../e2e/lab/docker.ts';
import type { Lab } from '../../e2e/lab/lab.ts';
import { engineSide } from './engine.ts';
import { ourSide } from './ours.ts';
import type { Side } from './side.ts';
import { swarmSide } from './swarm.ts';

type Standing = { side: Side; end: () => Promise<void> };

const nothing = (): Promise<void> => Promise.resolve();

/** Two versions of the web application, on every host. */
const pulled = async (lab: Lab): Promise<readonly [string, string]> => {
  const images = ['good', 'good2'].map((tag) => lab.registry?.imageRef('web', tag) ?? '');
  await Promise.all(
    lab.hosts.map(async (host) => {
      for (const image of images) await pull(host, image);
    }),
  );
  return [images[0] ?? '', images[1] ?? ''];
};

const setUpEngine = async (lab: Lab): Promise<Standing> => {
  const [image] = await pulled(lab);
  return { side: engineSide(lab, image), end: nothing };
};

const setUpSwarm = async (lab: Lab): Promise<Standing> => ({
  side: await swarmSide(lab, await pulled(lab)),
  end: nothing,
});

const setUpOurs = async (lab: Lab): Promise<Standing> => {
  const images = await pulled(lab);
  const product = await startProduct({ address: lab.bridgeAddress, env: { PORTREEVE_WEB: 'none' } });
  try {
    const operator = await signIn(product, product.firstPassword ?? '');
    await joinHosts(operator, lab.hosts, lab.bridgeAddress);
    await operator.call(routes.registries.create, {
      query: { project: '/' },
      body: { host: lab.registry?.address ?? '', plainHttp: true, allowPrivateAddress: true },
    });
    return { side: ourSide(lab, product, operator, images), end: product.stop };
  } catch (error) {
    await product.stop();
    throw error;
  }
};

/** Makes each side ready on hosts that are as new. */
export const SET_UPS: readonly ((lab: Lab) => Promise<Standing>)[] = [setUpOurs, setUpEngine, setUpSwarm];
