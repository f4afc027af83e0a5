import { z } from 'zod';
import type { Tunnel } from './plan.ts';

/** A tunnel as the kernel has it; `bridge` is empty while it belongs to none. */
export type SeenTunnel = Tunnel & { up: boolean };

/** The bridges (name → MAC) and tunnels of ours that the kernel has. */
export type KernelState = {
  bridges: ReadonlyMap<string, string>;
  tunnels: ReadonlyMap<string, SeenTunnel>;
};

/** Output of `ip -d -j link show`, `bridge -j fdb show` and `ip -j neigh show nud permanent`. */
type KernelTexts = { links: string; forwarding: string; neighbours: string };

const Links = z.array(
  z.object({
    ifname: z.string().default(''),
    address: z.string().default(''),
    mtu: z.number().default(0),
    master: z.string().default(''),
    flags: z.array(z.string()).default([]),
    linkinfo: z
      .object({
        info_kind: z.string().optional(),
        info_data: z
          .object({ id: z.number().optional(), local: z.string().optional(), port: z.number().optional() })
          .optional(),
      })
      .optional(),
  }),
);
const Forwarding = z.array(
  z.object({ mac: z.string().default(''), ifname: z.string().default(''), dst: z.string().optional() }),
);
const Neighbours = z.array(
  z.object({ dst: z.string().default(''), dev: z.string().default(''), lladdr: z.string().optional() }),
);

const parse = <T>(schema: z.ZodType<T>, text: string): T => schema.parse(JSON.parse(text.trim() || '[]'));

/** Reads what is ours out of what iproute2 prints. Links of the same names that are no such links are not ours. */
export const parseKernelState = (texts: KernelTexts): KernelState => {
  const links = parse(Links, texts.links);
  const forwarding = parse(Forwarding, texts.forwarding);
  const neighbours = parse(Neighbours, texts.neighbours);
  const bridges = links.filter(
    (link) => /^pr\d+$/.test(link.ifname) && link.linkinfo?.info_kind === 'bridge',
  );
  const tunnels = links.filter(
    (link) =>
      link.linkinfo?.info_kind === 'vxlan' && link.ifname === `vx${link.linkinfo.info_data?.id ?? ''}`,
  );
  return {
    bridges: new Map(bridges.map((link) => [link.ifname, link.address])),
    tunnels: new Map(
      tunnels.map((link) => {
        const data = link.linkinfo?.info_data;
        const tunnel: SeenTunnel = {
          name: link.ifname,
          vni: data?.id ?? 0,
          local: data?.local ?? '',
          port: data?.port ?? 0,
          mtu: link.mtu,
          bridge: link.master,
          up: link.flags.includes('UP'),
          forwarding: new Map(
            forwarding.flatMap((entry) =>
              entry.ifname === link.ifname && entry.dst !== undefined ? [[entry.mac, entry.dst]] : [],
            ),
          ),
          neighbours: new Map(
            neighbours.flatMap((entry) =>
              entry.dev === link.ifname && entry.lladdr !== undefined ? [[entry.dst, entry.lladdr]] : [],
            ),
          ),
        };
        return [link.ifname, tunnel];
      }),
    ),
  };
};
