import { boolean, fullMapOf, listOf, mapOf, section, text } from './forms.ts';
import type { Section } from './key-rules.ts';

const EXTERNAL = 'An object of the project, or one shared with it; never one of an engine.';
const NAME = 'Only with `external: true`: the name of the object in the project.';

/** The top of the file, and networks, volumes, configs and secrets. */
export const objectKeys: Readonly<Record<string, Section>> = {
  compose: {
    path: '',
    keys: {
      version: { does: 'Accepted with a warning: it says nothing any more.', form: text },
      name: { does: 'Proposed as the name of the stack.', form: text },
      services: { does: 'The services of the stack.', form: [mapOf(section('service'))], required: true },
      networks: {
        does: 'Networks of the stack; they reach across hosts.',
        form: [mapOf(section('network'))],
      },
      volumes: { does: 'Volumes of the stack.', form: [mapOf(section('volume'))] },
      configs: { does: 'Files shown to containers.', form: [mapOf(section('config'))] },
      secrets: { does: 'Files shown to containers, encrypted at rest.', form: [mapOf(section('secret'))] },
      include: {
        instead: 'put the included services into this file, or `extends` them from a file of the bundle',
      },
      models: { instead: 'run the model as a service and give its address in `environment`' },
    },
  },
  network: {
    path: 'networks.*',
    keys: {
      name: { does: NAME, form: text },
      external: { does: EXTERNAL, form: [...boolean, section('external')] },
      internal: { does: 'No way out of the network; no port is published from it.', form: boolean },
      driver: { does: '`bridge` and `overlay` mean the same here: a network of the stack.', form: text },
      driver_opts: {
        instead: 'remove it; the bridge of a network and its packet size follow from the tunnel',
      },
      ipam: { does: 'Only a subnet.', form: [section('ipam')] },
      labels: { instead: 'remove it; networks have no labels, services do' },
      attachable: { instead: 'remove it; only tasks of the stack join its networks' },
      enable_ipv4: { instead: 'remove it; networks of stacks are IPv4' },
      enable_ipv6: { instead: 'remove it; networks of stacks are IPv4' },
    },
  },
  ipam: {
    path: 'networks.*.ipam',
    keys: {
      driver: { does: 'Only `default`.', form: text },
      config: { does: 'At most one entry.', form: [listOf(section('ipam-config'))] },
      options: { instead: 'remove it; addresses come from the placement plan' },
    },
  },
  'ipam-config': {
    path: 'networks.*.ipam.config[]',
    keys: {
      subnet: {
        does: 'The IPv4 subnet of the network on every host, as CIDR, within the address pool of the settings.',
        form: text,
      },
      ip_range: { instead: 'remove it; addresses come from the placement plan' },
      gateway: { instead: 'remove it; every host has a gateway of its own' },
      aux_addresses: { instead: 'remove it; addresses come from the placement plan' },
    },
  },
  volume: {
    path: 'volumes.*',
    keys: {
      name: { does: NAME, form: text },
      external: { does: EXTERNAL, form: [...boolean, section('external')] },
      driver: { does: 'Only `local`.', form: text },
      driver_opts: {
        does: 'Only `size`; `type`, `o` and `device` would reach the host and are refused.',
        form: [fullMapOf(...text)],
      },
      labels: { instead: 'remove it; volumes have no labels, services do' },
    },
  },
  external: {
    path: 'external',
    keys: { name: { does: 'The older way to write `name` beside `external: true`.', form: text } },
  },
  config: {
    path: 'configs.*',
    keys: {
      name: { does: NAME, form: text },
      external: { does: EXTERNAL, form: [...boolean, section('external')] },
      file: { does: 'A file of the bundle, of any bytes.', form: text },
      content: { does: 'The content itself.', form: text },
      environment: { does: 'The value given for this variable.', form: text },
      labels: { instead: 'remove it; configs have no labels' },
      template_driver: { instead: 'remove it; use variables in `content`, which are filled in at apply' },
    },
  },
  secret: {
    path: 'secrets.*',
    keys: {
      name: { does: NAME, form: text },
      external: { does: EXTERNAL, form: [...boolean, section('external')] },
      file: { does: 'A file of the bundle, of any bytes.', form: text },
      environment: { does: 'The value given for this variable.', form: text },
      content: {
        instead:
          'what stands in the file is no secret; use `environment` with a value given at apply, or an external one',
      },
      labels: { instead: 'remove it; secrets have no labels' },
      driver: { instead: 'remove it; Portreeve keeps secrets itself, encrypted' },
      driver_opts: { instead: 'remove it; Portreeve keeps secrets itself, encrypted' },
      template_driver: { instead: 'remove it; give the finished text' },
    },
  },
};
