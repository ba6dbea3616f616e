// SPDX-License-Identifier: Apache-2.0
// The projects file of a local stack: one project, its development issuer and its Zoom app.

export const projectId = 'demo';

/** The people of the demo who can sign in; the last one is an administrator. */
export const demoUsers = [
  { user_id: 'hanako.suzuki', display_name: 'Hanako Suzuki', roles: [] },
  { user_id: 'taro.watanabe', display_name: 'Taro Watanabe', roles: [] },
  { user_id: 'emma.wilson', display_name: 'Emma Wilson', roles: [] },
  { user_id: 'admin', display_name: 'Noa Fischer', roles: ['admin'] },
];

/** @param {string} publicUrl the gateway's origin @returns {string} the redirect URL to register with the Zoom app */
export const redirectUrl = (publicUrl) => `${publicUrl}/oauth/callback`;

/** @param {string} publicUrl @returns {string} the issuer of the development sessions */
export const issuerOf = (publicUrl) => `${publicUrl}/dev`;

/**
 * @param {{publicUrl: string, issuerKeysFile: string, zoomApp: object, origins?: string[]}} options `origins`: of pages elsewhere
 * @returns {{projects: object[]}}
 */
export function projectsFile({ publicUrl, issuerKeysFile, zoomApp, origins = [] }) {
  return {
    projects: [{
      project_id: projectId,
      display_name: 'Shodan Pro',
      settings_url: `${publicUrl}/app/settings/integrations`,
      origins: [publicUrl, ...origins],
      token_issuers: [{
        issuer: issuerOf(publicUrl),
        audience: 'shodan-pro',
        jwks_url: null,
        jwks_file: issuerKeysFile,
        user_claim: 'sub',
        name_claim: 'name',
        role_claim: 'roles',
        admin_role: 'admin',
      }],
      zoom_app: { ...zoomApp, redirect_url: redirectUrl(publicUrl) },
    }],
  };
}
