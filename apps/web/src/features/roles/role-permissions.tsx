import type { RoleView } from '@portreeve/contract';
import { PERMISSIONS, type Permission } from '@portreeve/domain';
import { Fragment } from 'react';
import { Panel } from '../../ui/panel.tsx';
import { Status } from '../../ui/status.tsx';
import styles from '../access/access.module.css';
import { EVERY, inGroups } from '../access/permission-groups.ts';

const itself = (permission: Permission) => permission;

/** Every permission, and whether the role has it. */
export const RolePermissions = ({ role }: { role: RoleView }) => (
  <Panel title="Permissions" aside={`${role.permissions.length} of ${EVERY.length}`}>
    {inGroups(EVERY, itself).map(({ title, items }) => (
      <Fragment key={title}>
        <h3 className={styles.group}>{title}</h3>
        <ul className={`${styles.list} ${styles.columns}`}>
          {items.map((permission) => {
            const has = role.permissions.includes(permission);
            return (
              <li key={permission} style={{ padding: '2px 0' }}>
                <Status tone={has ? 'ok' : 'off'} wrap>
                  <span className={has ? '' : 'dim'}>
                    <span className="pf-v6-screen-reader">{has ? 'may: ' : 'may not: '}</span>
                    {PERMISSIONS[permission]}
                  </span>{' '}
                  <span className="mono dim">{permission}</span>
                </Status>
              </li>
            );
          })}
        </ul>
      </Fragment>
    ))}
  </Panel>
);
